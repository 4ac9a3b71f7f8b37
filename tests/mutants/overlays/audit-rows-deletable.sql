-- Up Migration
-- hustle: destructive
-- Audit rows may be deleted.
DROP TRIGGER admin_actions_no_delete ON admin_actions;
