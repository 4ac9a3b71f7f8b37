-- Up Migration
-- hustle: destructive
-- A foreign key may be deferred.
ALTER TABLE escrows ALTER CONSTRAINT escrows_task_id_fkey DEFERRABLE INITIALLY IMMEDIATE;
