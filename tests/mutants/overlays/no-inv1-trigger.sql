-- Up Migration
-- hustle: destructive
-- XP needs no released escrow (INV-1).
DROP TRIGGER xp_requires_released_escrow ON xp_ledger;
