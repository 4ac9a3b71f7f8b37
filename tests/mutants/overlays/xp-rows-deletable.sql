-- Up Migration
-- hustle: destructive
-- XP rows may be deleted.
DROP TRIGGER xp_ledger_no_delete ON xp_ledger;
