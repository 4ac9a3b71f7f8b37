-- Up Migration
-- hustle: destructive
-- Any step of a task, and any price.
DROP TRIGGER task_transition_guard ON tasks;
