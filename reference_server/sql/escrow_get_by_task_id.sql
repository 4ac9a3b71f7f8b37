-- For poster, worker and admins; strangers learn nothing (decision 10).
CREATE OR REPLACE FUNCTION api.escrow_get_by_task_id(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                     p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT jsonb_build_object(
               'id', e.id, 'task_id', e.task_id, 'amount', e.amount, 'state', e.state,
               'stripe_payment_intent_id', e.stripe_payment_intent_id, 'stripe_transfer_id', e.stripe_transfer_id,
               'stripe_refund_id', e.stripe_refund_id, 'funded_at', api.iso(e.funded_at),
               'released_at', api.iso(e.released_at), 'refunded_at', api.iso(e.refunded_at),
               'created_at', api.iso(e.created_at))
      INTO v_answer
      FROM tasks t JOIN escrows e ON e.task_id = t.id
     WHERE t.id = (p_input->>'task_id')::uuid AND (v_me.is_admin OR v_me.id IN (t.poster_id, t.worker_id));
    IF v_answer IS NULL THEN RETURN api.refused('NOT_FOUND'); END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
