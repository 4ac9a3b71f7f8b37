-- The processor has done it: the row is closed and its object's id stored, in one transaction.
CREATE OR REPLACE FUNCTION api.outbox_done(p_id uuid, p_object_id text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_row outbox_events;
BEGIN
    UPDATE outbox_events SET status = 'processed', processed_at = clock_timestamp(), last_error = NULL
     WHERE id = p_id RETURNING * INTO v_row;
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
