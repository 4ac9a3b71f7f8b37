-- §1.2, §7.2: the record is append-only, so a removal is a row of its own; SAF-19: never one's own, nor in a matter of
-- one's own.
CREATE OR REPLACE FUNCTION api.admin_remove_strike(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_strike user_strikes;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_strike FROM user_strikes WHERE id = (p_input->>'strike_id')::uuid FOR KEY SHARE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'strike_id'); END IF;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'strike_remove', p_input, v_strike.user_id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_ban_users OR v_strike.user_id = v_me.id
       OR api.is_party(v_me.id, v_strike.related_task_id, v_strike.related_dispute_id) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'strike_remove', p_input, v_strike.user_id, p_now);
    END IF;
    PERFORM api.lock_user(v_strike.user_id);
    IF EXISTS (SELECT 1 FROM strike_removals WHERE strike_id = v_strike.id) THEN RETURN api.refused('CONFLICT'); END IF;
    v_answer := api.remove_strike(v_strike.id, v_strike.user_id, p_input->>'reason', v_me.id, p_now);
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'strike_remove', p_input || v_answer, NULL, NULL, NULL, v_strike.user_id,
                          p_now);
    RETURN jsonb_build_object('ok', v_answer || jsonb_build_object('removed_at', api.iso(p_now)));
END $$;
