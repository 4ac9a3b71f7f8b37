-- One delivery of one processor event (money.md §4): remembered and applied in this transaction, or neither.
-- p_event: {id, type, object_id, amount, amount_received?, currency, escrow_id?}. Answers the result that was recorded.
CREATE OR REPLACE FUNCTION api.stripe_event(p_now timestamptz, p_event jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_result text := 'ignored';
BEGIN
    -- A parallel delivery of the same event waits here for the first one's end.
    INSERT INTO processed_stripe_events (event_id, event_type, result, processed_at)
    VALUES (p_event->>'id', p_event->>'type', 'ignored', p_now) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'duplicate'; END IF;
    v_result := CASE p_event->>'type'
        WHEN 'payment_intent.succeeded' THEN api.payment_succeeded(p_event, p_now)
        WHEN 'payment_intent.canceled' THEN api.payment_canceled(p_event, p_now)
        WHEN 'payment_intent.payment_failed' THEN 'recorded'
        WHEN 'transfer.created' THEN api.transfer_created(p_event)
        WHEN 'transfer.failed' THEN api.transfer_failed(p_event, p_now)
        ELSE 'ignored' END;
    UPDATE processed_stripe_events
       SET result = v_result, error_message = CASE WHEN v_result LIKE 'mismatch%' OR v_result LIKE 'alert%'
                                                   THEN p_event::text END
     WHERE event_id = p_event->>'id';
    RETURN v_result;
END $$;
