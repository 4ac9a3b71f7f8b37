-- Up Migration
-- hustle: destructive
-- A proof without a photo.
DROP TRIGGER trigger_proof_photo_minimum ON proofs;
