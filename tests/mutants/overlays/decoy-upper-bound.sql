-- Up Migration
-- hustle: destructive
-- A constraint that the contract implies anyway: no price above a million dollars.
ALTER TABLE tasks ADD CONSTRAINT tasks_price_ceiling CHECK (price <= 100000000);
