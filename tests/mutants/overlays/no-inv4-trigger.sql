-- Up Migration
-- hustle: destructive
-- The amount of an escrow may change (INV-4).
DROP TRIGGER escrow_amount_immutable ON escrows;
