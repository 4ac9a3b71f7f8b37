-- The processor's word that the payout exists; it may come before our own call's answer.
CREATE OR REPLACE FUNCTION api.transfer_created(p_event jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows;
BEGIN
    SELECT * INTO v_escrow FROM escrows WHERE id = (p_event->>'escrow_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN 'mismatch: unknown escrow'; END IF;
    IF p_event->>'currency' IS DISTINCT FROM 'usd' THEN RETURN 'mismatch: currency'; END IF;
    IF (p_event->>'amount')::bigint IS DISTINCT FROM coalesce(v_escrow.release_amount, v_escrow.amount)::bigint * 85 / 100 THEN
        RETURN 'mismatch: amount';
    END IF;
    IF v_escrow.state IN ('PENDING', 'REFUNDED') THEN RETURN 'alert: transfer without release'; END IF;
    IF api.transfer_has_failed(v_escrow.id, p_event->>'object_id') THEN RETURN 'ignored'; END IF;
    IF v_escrow.stripe_transfer_id IS NULL THEN
        UPDATE escrows SET stripe_transfer_id = p_event->>'object_id' WHERE id = v_escrow.id;
        RETURN 'applied';
    END IF;
    RETURN CASE WHEN v_escrow.stripe_transfer_id = p_event->>'object_id' THEN 'applied'
                ELSE 'mismatch: another transfer' END;
END $$;
