-- Up Migration
-- hustle: destructive
-- Audit rows may be changed.
DROP TRIGGER admin_actions_no_update ON admin_actions;
