-- T10 and T11 with E2 or E4.
CREATE OR REPLACE FUNCTION api.task_cancel(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_by_admin boolean;
    v_asked jsonb;
    v_answer jsonb;
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    v_by_admin := v_task.poster_id <> v_me.id;
    -- SAF-19: an admin who is the worker decides nothing about his own task.
    IF v_by_admin AND (NOT v_me.is_admin OR v_task.worker_id IS NOT DISTINCT FROM v_me.id) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'task_cancel', p_input, v_task.poster_id, p_now);
    END IF;
    IF v_by_admin AND p_input ? 'idempotency_key' THEN
        SELECT jsonb_build_object('ok', o.answer) INTO v_asked FROM money_overrides o JOIN escrows e ON e.id = o.escrow_id
         WHERE o.admin_user_id = v_me.id AND o.idempotency_key = p_input->>'idempotency_key' AND o.act = 'cancel'
           AND e.task_id = v_task.id;
        IF FOUND THEN RETURN v_asked; END IF;
    END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.state NOT IN ('OPEN', 'ACCEPTED') THEN RETURN api.refused('CONFLICT'); END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    v_by_admin := v_by_admin AND v_escrow.state IS NOT DISTINCT FROM 'FUNDED';
    IF v_by_admin THEN
        v_asked := api.override_asked(v_me.id, 'cancel', v_escrow.id, p_input);
        IF v_asked IS NOT NULL THEN RETURN v_asked; END IF;
        IF NOT api.override_agreed(v_me.id, 'cancel', v_escrow.id, v_escrow.amount, p_now) THEN
            RETURN api.refused('CONFLICT', NULL, 'SECOND_ADMIN');
        END IF;
    END IF;
    IF v_escrow.state = 'FUNDED' AND api.frozen('REFUNDS') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    UPDATE tasks SET state = 'CANCELLED', cancelled_at = p_now WHERE id = v_task.id;
    IF v_escrow.id IS NOT NULL THEN v_escrow := api.refund_escrow(v_escrow, p_now); END IF;
    IF v_task.poster_id = v_me.id THEN
        INSERT INTO poster_cancellations (task_id, poster_id, cancelled_at) VALUES (v_task.id, v_me.id, p_now);
    ELSE
        PERFORM api.log_admin(v_me.id, v_me.admin_role, 'task_cancel',
                              jsonb_build_object('reason', p_input->>'reason', 'previous_state', v_task.state),
                              v_task.id, v_escrow.id, NULL, v_task.poster_id, p_now);
    END IF;
    v_answer := jsonb_build_object(
        'task', jsonb_build_object('id', v_task.id, 'state', 'CANCELLED', 'cancelled_at', api.iso(p_now)),
        'escrow', CASE WHEN v_escrow.id IS NOT NULL THEN jsonb_build_object(
            'id', v_escrow.id, 'state', v_escrow.state, 'refunded_at', api.iso(v_escrow.refunded_at)) END);
    IF v_by_admin THEN PERFORM api.override_done(v_me.id, 'cancel', v_escrow.id, p_input, v_answer, p_now); END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
