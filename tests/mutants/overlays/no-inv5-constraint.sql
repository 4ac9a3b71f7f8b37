-- Up Migration
-- hustle: destructive
-- Two XP rows for one escrow (INV-5).
ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_escrow_unique;
