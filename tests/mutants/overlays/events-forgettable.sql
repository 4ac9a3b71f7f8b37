-- Up Migration
-- hustle: destructive
-- A processed event may be forgotten and takes effect again.
DROP TRIGGER stripe_event_no_delete ON processed_stripe_events;
