-- E2: the processor gave the unpaid intent up.
CREATE OR REPLACE FUNCTION api.payment_canceled(p_event jsonb, p_now timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows := api.lock_escrow_of_intent(p_event->>'object_id');
BEGIN
    IF v_escrow.id IS NULL THEN RETURN 'mismatch: unknown payment intent'; END IF;
    IF (p_event->>'amount')::bigint IS DISTINCT FROM v_escrow.amount::bigint THEN RETURN 'mismatch: amount'; END IF;
    IF p_event->>'currency' IS DISTINCT FROM 'usd' THEN RETURN 'mismatch: currency'; END IF;
    IF v_escrow.state = 'PENDING' THEN
        UPDATE escrows SET state = 'REFUNDED', refunded_at = p_now WHERE id = v_escrow.id;
        RETURN 'applied';
    END IF;
    RETURN CASE WHEN v_escrow.state IN ('FUNDED', 'LOCKED_DISPUTE') THEN 'alert: canceled after funding' ELSE 'ignored' END;
END $$;
