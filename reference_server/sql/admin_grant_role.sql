-- SAF-17, SAF-18. The authorisation is read from this table on every call, so a change holds from the next one on (SAF-20).
CREATE OR REPLACE FUNCTION api.admin_grant_role(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user_id uuid;
    v_has text;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT id INTO v_user_id FROM users WHERE id = (p_input->>'user_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('HX504', 'user_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'role_grant', p_input, v_user_id, p_now, 'HX602'); END IF;
    LOCK TABLE admin_roles IN SHARE ROW EXCLUSIVE MODE;
    SELECT role INTO v_has FROM admin_roles WHERE user_id = v_user_id;
    IF NOT api.may_change_role(v_me.id, v_me.admin_role, v_me.can_modify_trust, v_user_id, v_has, p_input->>'role') THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'role_grant', p_input, v_user_id, p_now);
    END IF;
    INSERT INTO admin_roles (user_id, role, can_resolve_disputes, can_override_escrow, can_modify_trust, can_ban_users,
                             can_access_financials, granted_at, granted_by)
    VALUES (v_user_id, p_input->>'role', coalesce((p_input->>'can_resolve_disputes')::boolean, false),
            coalesce((p_input->>'can_override_escrow')::boolean, false),
            coalesce((p_input->>'can_modify_trust')::boolean, false),
            coalesce((p_input->>'can_ban_users')::boolean, false),
            coalesce((p_input->>'can_access_financials')::boolean, false), p_now, v_me.id)
    ON CONFLICT (user_id) DO UPDATE SET
        role = excluded.role, can_resolve_disputes = excluded.can_resolve_disputes,
        can_override_escrow = excluded.can_override_escrow, can_modify_trust = excluded.can_modify_trust,
        can_ban_users = excluded.can_ban_users, can_access_financials = excluded.can_access_financials,
        granted_at = excluded.granted_at, granted_by = excluded.granted_by;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'role_grant', p_input || jsonb_build_object('previous_role', v_has),
                          NULL, NULL, NULL, v_user_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('user_id', v_user_id, 'role', p_input->>'role',
                                                       'granted_at', api.iso(p_now)));
END $$;
