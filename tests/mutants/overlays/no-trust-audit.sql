-- Up Migration
-- hustle: destructive
-- A tier changes without a ledger row (AUDIT-2).
DROP TRIGGER trust_tier_audit ON users;
