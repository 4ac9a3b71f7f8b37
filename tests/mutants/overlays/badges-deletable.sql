-- Up Migration
-- hustle: destructive
-- Badges may be deleted.
DROP TRIGGER badge_no_delete ON badges;
