-- E1, or the refund of a capture that came after the escrow was called off (decision 6).
CREATE OR REPLACE FUNCTION api.payment_succeeded(p_event jsonb, p_now timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows := api.lock_escrow_of_intent(p_event->>'object_id');
BEGIN
    IF v_escrow.id IS NULL THEN RETURN 'mismatch: unknown payment intent'; END IF;
    IF (p_event->>'amount')::bigint IS DISTINCT FROM v_escrow.amount::bigint
       OR (p_event->>'amount_received')::bigint <> v_escrow.amount THEN
        RETURN 'mismatch: amount';
    END IF;
    IF p_event->>'currency' IS DISTINCT FROM 'usd' THEN RETURN 'mismatch: currency'; END IF;
    IF v_escrow.state = 'PENDING' THEN
        UPDATE escrows SET state = 'FUNDED', funded_at = p_now WHERE id = v_escrow.id;
        RETURN 'applied';
    END IF;
    IF v_escrow.state = 'REFUNDED' AND v_escrow.funded_at IS NULL THEN
        PERFORM api.queue_refund(v_escrow.id, v_escrow.task_id, v_escrow.stripe_payment_intent_id, v_escrow.amount);
        RETURN 'late capture: refunded';
    END IF;
    RETURN 'ignored';
END $$;
