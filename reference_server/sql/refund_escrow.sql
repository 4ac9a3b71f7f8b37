-- E2, E4, E7: the whole amount goes back; what was never paid is only called off. A terminal escrow stays as it is.
-- The task is already CANCELLED or EXPIRED; task and escrow are locked by the caller.
CREATE OR REPLACE FUNCTION api.refund_escrow(p_escrow escrows, p_now timestamptz) RETURNS escrows LANGUAGE plpgsql AS $$
DECLARE
    v_after escrows;
BEGIN
    IF p_escrow.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN RETURN p_escrow; END IF;
    UPDATE escrows SET state = 'REFUNDED', refunded_at = p_now WHERE id = p_escrow.id RETURNING * INTO v_after;
    IF p_escrow.state = 'PENDING' THEN
        IF p_escrow.stripe_payment_intent_id IS NOT NULL THEN
            PERFORM api.queue_cancel_intent(p_escrow.id, p_escrow.task_id, p_escrow.stripe_payment_intent_id);
        END IF;
    ELSE
        PERFORM api.queue_refund(p_escrow.id, p_escrow.task_id, p_escrow.stripe_payment_intent_id, p_escrow.amount);
    END IF;
    RETURN v_after;
END $$;
