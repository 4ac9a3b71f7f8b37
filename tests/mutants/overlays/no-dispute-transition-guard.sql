-- Up Migration
-- hustle: destructive
-- A resolved dispute may be opened again.
DROP TRIGGER dispute_transition_guard ON disputes;
