-- Up Migration
-- hustle: destructive
-- Final escrows may change.
DROP TRIGGER escrow_terminal_guard ON escrows;
