-- Second half of escrow.createIntent: the intent is stored only while the escrow still waits for money. Otherwise it
-- is called off at the processor, and the caller learns what happened meanwhile.
CREATE OR REPLACE FUNCTION api.escrow_store_intent(p_escrow_id uuid, p_intent text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_task tasks;
    v_escrow escrows;
BEGIN
    SELECT t.* INTO v_task FROM tasks t
     WHERE t.id = (SELECT task_id FROM escrows WHERE id = p_escrow_id) FOR NO KEY UPDATE;
    SELECT * INTO v_escrow FROM escrows WHERE id = p_escrow_id FOR NO KEY UPDATE;
    IF v_escrow.state = 'PENDING' THEN
        IF v_escrow.stripe_payment_intent_id IS NULL THEN
            UPDATE escrows SET stripe_payment_intent_id = p_intent WHERE id = p_escrow_id;
        END IF;
        RETURN jsonb_build_object('ok', true);
    END IF;
    IF v_escrow.stripe_payment_intent_id IS NULL THEN
        PERFORM api.queue_cancel_intent(p_escrow_id, v_task.id, p_intent);
    END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_escrow.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN RETURN api.refused('HX002'); END IF;
    RETURN api.refused('CONFLICT');
END $$;
