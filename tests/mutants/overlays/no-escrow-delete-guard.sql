-- Up Migration
-- hustle: destructive
-- Escrows may be deleted.
DROP TRIGGER escrow_no_delete ON escrows;
