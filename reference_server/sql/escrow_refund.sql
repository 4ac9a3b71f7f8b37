-- E4 by hand: for a CANCELLED or EXPIRED task whose money was not given back (api.md §1.2).
CREATE OR REPLACE FUNCTION api.escrow_refund(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_by_admin boolean;
    v_asked jsonb;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT t.* INTO v_task FROM tasks t
     WHERE t.id = (SELECT task_id FROM escrows WHERE id = (p_input->>'escrow_id')::uuid) FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id <> v_me.id AND (NOT v_me.can_override_escrow OR v_task.worker_id = v_me.id) THEN RETURN
        api.refuse_admin(v_me.id, v_me.admin_role, 'escrow_refund', p_input, v_task.poster_id, p_now);
    END IF;
    SELECT * INTO v_escrow FROM escrows WHERE id = (p_input->>'escrow_id')::uuid FOR NO KEY UPDATE;
    v_by_admin := v_task.poster_id <> v_me.id;
    IF v_by_admin THEN
        v_asked := api.override_known(v_me.id, 'refund', v_escrow.id, p_input);
        IF v_asked IS NOT NULL THEN RETURN v_asked; END IF;
    END IF;
    IF v_escrow.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN RETURN api.refused('HX002'); END IF;
    IF v_escrow.state = 'LOCKED_DISPUTE' OR v_task.state NOT IN ('CANCELLED', 'EXPIRED') THEN
        RETURN api.refused('CONFLICT');
    END IF;
    IF v_by_admin THEN
        v_asked := api.override_refusal(v_me.id, v_me.admin_role, 'refund', v_escrow, v_task.poster_id, p_input, p_now);
        IF v_asked IS NOT NULL THEN RETURN v_asked; END IF;
    END IF;
    IF v_escrow.state = 'FUNDED' AND api.frozen('REFUNDS') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    v_escrow := api.refund_escrow(v_escrow, p_now);
    v_answer := jsonb_build_object('id', v_escrow.id, 'state', v_escrow.state, 'refunded_at', api.iso(v_escrow.refunded_at),
                                   'refund_id', v_escrow.stripe_refund_id);
    IF v_by_admin THEN
        PERFORM api.override_done(v_me.id, v_me.admin_role, 'refund', v_escrow, v_task.poster_id, p_input, v_answer, p_now);
    END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
