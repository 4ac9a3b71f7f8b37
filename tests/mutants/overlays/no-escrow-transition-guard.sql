-- Up Migration
-- hustle: destructive
-- Any step of an escrow.
DROP TRIGGER escrow_transition_guard ON escrows;
