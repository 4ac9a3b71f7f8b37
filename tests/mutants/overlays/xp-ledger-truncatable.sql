-- Up Migration
-- hustle: destructive
-- The XP ledger may be emptied.
DROP TRIGGER xp_ledger_no_truncate ON xp_ledger;
