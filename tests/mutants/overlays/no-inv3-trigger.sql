-- Up Migration
-- hustle: destructive
-- A completion needs no accepted proof (INV-3).
DROP TRIGGER task_completed_requires_accepted_proof ON tasks;
