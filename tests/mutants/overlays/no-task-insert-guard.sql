-- Up Migration
-- hustle: destructive
-- A task may be born COMPLETED.
DROP TRIGGER task_insert_guard ON tasks;
