-- §1.2: a human adds a strike; SAF-19: never about oneself, nor in a matter of one's own.
CREATE OR REPLACE FUNCTION api.admin_add_strike(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user_id uuid;
    v_answer jsonb;
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    SELECT id INTO v_user_id FROM users WHERE id = (p_input->>'user_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('HX504', 'user_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'strike_add', p_input, v_user_id, p_now, 'HX602'); END IF;
    IF NOT v_me.can_ban_users OR v_user_id = v_me.id
       OR api.is_party(v_me.id, (p_input->>'related_task_id')::uuid, (p_input->>'related_dispute_id')::uuid) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'strike_add', p_input, v_user_id, p_now);
    END IF;
    IF p_input ? 'related_task_id' AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = (p_input->>'related_task_id')::uuid) THEN
        RETURN api.refused('NOT_FOUND', 'related_task_id');
    END IF;
    IF p_input ? 'related_dispute_id'
       AND NOT EXISTS (SELECT 1 FROM disputes WHERE id = (p_input->>'related_dispute_id')::uuid) THEN
        RETURN api.refused('NOT_FOUND', 'related_dispute_id');
    END IF;
    v_answer := api.record_strike(v_user_id, (p_input->>'severity')::integer, 'manual', p_input->>'source_event',
                                  p_input->>'reason', (p_input->>'related_task_id')::uuid,
                                  (p_input->>'related_dispute_id')::uuid, v_me.id, p_now);
    -- A repeat adds nothing and so leaves no row: one effect, one row.
    IF NOT (v_answer->>'duplicate')::boolean THEN
        PERFORM api.log_admin(v_me.id, v_me.admin_role, 'strike_add', p_input || v_answer, NULL, NULL, NULL, v_user_id, p_now);
    END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
