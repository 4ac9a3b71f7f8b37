-- The processor has done it: the row is closed and its object's id stored, in one transaction. When the word that the
-- transfer failed was here before this answer, the payout already waits again.
CREATE OR REPLACE FUNCTION api.outbox_done(p_id uuid, p_object_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_row outbox_events;
BEGIN
    SELECT * INTO v_row FROM outbox_events WHERE id = p_id FOR UPDATE;
    IF v_row.event_name = 'payout' AND api.transfer_has_failed(v_row.aggregate_id, p_object_id) THEN RETURN; END IF;
    UPDATE outbox_events SET status = 'processed', processed_at = clock_timestamp(), last_error = NULL WHERE id = p_id;
    IF v_row.event_name = 'payout' THEN
        UPDATE escrows SET stripe_transfer_id = p_object_id
         WHERE id = v_row.aggregate_id AND stripe_transfer_id IS NULL;
        UPDATE transfer_retry_queue
           SET status = 'SUCCEEDED', stripe_transfer_id = p_object_id, completed_at = (v_row.payload->>'now')::timestamptz
         WHERE escrow_id = v_row.aggregate_id AND status IN ('PENDING', 'PROCESSING');
    ELSIF v_row.event_name = 'refund' THEN
        UPDATE escrows SET stripe_refund_id = p_object_id
         WHERE id = v_row.aggregate_id AND stripe_refund_id IS NULL;
    END IF;
END $$;
