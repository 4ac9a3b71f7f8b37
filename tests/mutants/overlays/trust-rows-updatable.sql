-- Up Migration
-- hustle: destructive
-- Trust rows may be changed.
DROP TRIGGER trust_ledger_no_update ON trust_ledger;
