-- Up Migration
-- hustle: destructive
-- The audit may be emptied.
DROP TRIGGER admin_actions_no_truncate ON admin_actions;
