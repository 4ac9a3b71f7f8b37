-- Up Migration
-- hustle: destructive
-- XP rows may be changed.
DROP TRIGGER xp_ledger_no_update ON xp_ledger;
