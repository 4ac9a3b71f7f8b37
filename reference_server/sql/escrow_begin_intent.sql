-- First half of escrow.createIntent: may this poster pay, and how much. The processor is called outside of any
-- transaction; the id is stored by api.escrow_store_intent.
CREATE OR REPLACE FUNCTION api.escrow_begin_intent(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                   p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id <> v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    IF v_escrow.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN RETURN api.refused('HX002'); END IF;
    IF v_task.state <> 'OPEN' OR v_escrow.state IS DISTINCT FROM 'PENDING' THEN RETURN api.refused('CONFLICT'); END IF;
    IF api.frozen('MARKETPLACE') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    IF NOT api.beta_reserve(v_escrow.id, v_escrow.amount, p_now) THEN
        RETURN api.refused('CONFLICT', NULL, 'BETA_IS_FULL');
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'escrow_id', v_escrow.id, 'task_id', v_task.id, 'poster_user_id', v_me.id, 'amount', v_escrow.amount,
        'payment_intent_id', v_escrow.stripe_payment_intent_id));
END $$;
