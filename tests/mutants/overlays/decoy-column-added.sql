-- Up Migration
-- hustle: destructive
-- A nullable column more on tasks and users.
ALTER TABLE tasks ADD COLUMN internal_note TEXT;
ALTER TABLE users ADD COLUMN favourite_colour TEXT;
