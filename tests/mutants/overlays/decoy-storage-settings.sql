-- Up Migration
-- hustle: destructive
-- Other storage settings.
ALTER TABLE escrows SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE tasks SET (fillfactor = 80);
