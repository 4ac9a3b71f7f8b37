-- Up Migration
-- hustle: destructive
-- Processed events may not be deleted even when the table is cleaned by hand; the outbox keeps processed rows too.
CREATE TRIGGER outbox_keeps_processed BEFORE DELETE ON outbox_events
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
