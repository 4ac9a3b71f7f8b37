-- Up Migration
-- hustle: destructive
-- Two escrows for one task (ESCROW-ONE).
ALTER TABLE escrows DROP CONSTRAINT escrows_task_id_key;
