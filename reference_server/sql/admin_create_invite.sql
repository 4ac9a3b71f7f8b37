-- §5: codes are kept trimmed and in upper case; an existing one is not changed.
CREATE OR REPLACE FUNCTION api.admin_create_invite(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_code text := upper(trim(p_input->>'code'));
    v_expires timestamptz := (p_input->>'expires_at')::timestamptz;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'invite_create', p_input, NULL, p_now, 'HX602'); END IF;
    IF NOT v_me.can_ban_users THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'invite_create', p_input, NULL, p_now);
    END IF;
    IF v_code = '' THEN RETURN api.refused('VALIDATION_ERROR', 'code'); END IF;
    INSERT INTO beta_invites (code, role, max_uses, expires_at, created_by, created_at)
    VALUES (v_code, p_input->>'role', (p_input->>'max_uses')::integer, v_expires, v_me.id, p_now) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'invite_create', p_input, NULL, p_now, 'CONFLICT'); END IF;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'invite_create', p_input, NULL, NULL, NULL, NULL, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('code', v_code, 'role', p_input->>'role',
        'max_uses', (p_input->>'max_uses')::integer, 'expires_at', api.iso(v_expires)));
END $$;
