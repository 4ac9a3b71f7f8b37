CREATE OR REPLACE FUNCTION api.admin_revoke_role(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user_id uuid;
    v_has text;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT id INTO v_user_id FROM users WHERE id = (p_input->>'user_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('HX504', 'user_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'role_revoke', p_input, v_user_id, p_now, 'HX602'); END IF;
    LOCK TABLE admin_roles IN SHARE ROW EXCLUSIVE MODE;
    SELECT role INTO v_has FROM admin_roles WHERE user_id = v_user_id;
    IF NOT api.may_change_role(v_me.id, v_me.admin_role, v_me.can_modify_trust, v_user_id, v_has, NULL) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'role_revoke', p_input, v_user_id, p_now);
    END IF;
    IF v_has IS NULL THEN RETURN api.refused('CONFLICT'); END IF;
    DELETE FROM admin_roles WHERE user_id = v_user_id;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'role_revoke', p_input || jsonb_build_object('previous_role', v_has),
                          NULL, NULL, NULL, v_user_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('user_id', v_user_id, 'revoked_at', api.iso(p_now)));
END $$;
