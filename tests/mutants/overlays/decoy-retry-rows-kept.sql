-- Up Migration
-- hustle: destructive
-- Rows of the retry queue may not be deleted: a stricter guard that the specification allows.
CREATE TRIGGER transfer_retry_no_delete BEFORE DELETE ON transfer_retry_queue
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
