-- Up Migration
-- hustle: destructive
-- Tasks may be deleted.
DROP TRIGGER task_no_delete ON tasks;
