-- SAF-21: the second admin's word, before the first one acts. It is about one escrow and one act and lasts a day.
CREATE OR REPLACE FUNCTION api.admin_approve_override(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_known override_approvals;
    v_act text := p_input->>'override';
    v_escrow_id uuid := (p_input->>'escrow_id')::uuid;
    v_new boolean;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT t.* INTO v_task FROM tasks t JOIN escrows e ON e.task_id = t.id WHERE e.id = v_escrow_id;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'escrow_id'); END IF;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'override_approve', p_input, v_task.poster_id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_override_escrow OR api.is_party(v_me.id, v_task.id, NULL) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'override_approve', p_input, v_task.poster_id, p_now);
    END IF;
    INSERT INTO override_approvals (approved_by, idempotency_key, escrow_id, act, reason, approved_at)
    VALUES (v_me.id, p_input->>'idempotency_key', v_escrow_id, v_act, p_input->>'reason', p_now)
    ON CONFLICT DO NOTHING;
    v_new := FOUND;
    SELECT * INTO v_known FROM override_approvals
     WHERE approved_by = v_me.id AND idempotency_key = p_input->>'idempotency_key';
    IF v_known.escrow_id <> v_escrow_id OR v_known.act <> v_act THEN
        RETURN api.refused('CONFLICT', 'idempotency_key', 'KEY_USED');
    END IF;
    IF v_new THEN
        PERFORM api.log_admin(v_me.id, v_me.admin_role, 'override_approve', p_input, v_task.id, v_escrow_id, NULL,
                              v_task.poster_id, p_now);
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'escrow_id', v_escrow_id, 'override', v_act, 'duplicate', NOT v_new, 'approved_at', api.iso(v_known.approved_at),
        'expires_at', api.iso(v_known.approved_at + interval '24 hours')));
END $$;
