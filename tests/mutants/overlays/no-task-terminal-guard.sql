-- Up Migration
-- hustle: destructive
-- Final tasks may change.
DROP TRIGGER task_terminal_guard ON tasks;
