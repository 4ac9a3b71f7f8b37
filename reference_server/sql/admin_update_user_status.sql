-- §1.1: an admin pauses, suspends or restores an account; restoring takes effect at once (SAF-4).
CREATE OR REPLACE FUNCTION api.admin_update_user_status(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user_id uuid;
    v_status text := p_input->>'status';
    v_until timestamptz := (p_input->>'suspended_until')::timestamptz;
    v_action text := CASE p_input->>'status' WHEN 'SUSPENDED' THEN 'user_suspend' WHEN 'PAUSED' THEN 'user_pause'
                                             ELSE 'user_unsuspend' END;
    v_ended integer;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT id INTO v_user_id FROM users WHERE id = (p_input->>'user_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('HX504', 'user_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, v_action, p_input, v_user_id, p_now, 'HX602'); END IF;
    IF NOT v_me.can_ban_users OR v_user_id = v_me.id THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, v_action, p_input, v_user_id, p_now);
    END IF;
    v_ended := api.set_standing(v_user_id, v_status, v_until, p_input->>'reason', p_now);
    PERFORM api.log_admin(v_me.id, v_me.admin_role, v_action, p_input || jsonb_build_object('tasks_cancelled', v_ended),
                          NULL, NULL, NULL, v_user_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'user_id', v_user_id, 'account_status', v_status,
        'suspended_until', CASE WHEN v_status = 'SUSPENDED' THEN api.iso(v_until) END, 'tasks_cancelled', v_ended));
END $$;
