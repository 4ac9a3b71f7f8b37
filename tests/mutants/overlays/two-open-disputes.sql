-- Up Migration
-- hustle: destructive
-- Two open disputes for one task.
DROP INDEX disputes_one_open_per_task;
