-- Up Migration
-- hustle: destructive
-- A dispute about a finished task.
DROP TRIGGER dispute_insert_guard ON disputes;
