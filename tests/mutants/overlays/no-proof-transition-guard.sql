-- Up Migration
-- hustle: destructive
-- Any step of a proof.
DROP TRIGGER trigger_proof_transition_guard ON proofs;
