-- Up Migration
-- hustle: destructive
-- A task may cost a cent.
ALTER TABLE tasks DROP CONSTRAINT tasks_price_check;
