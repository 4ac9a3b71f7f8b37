-- Up Migration
-- hustle: destructive
-- An escrow may be born RELEASED and over any amount.
DROP TRIGGER escrow_insert_guard ON escrows;
