-- Up Migration
-- hustle: destructive
-- reviewed_by may equal submitter_id (NO-SELF).
ALTER TABLE proofs DROP CONSTRAINT proofs_reviewer_is_not_submitter;
