-- Signing up for the beta (§5): the order of reasons is the specification's. The account and the use of its code are one
-- transaction (SAF-9); those who join at the same moment wait for each other, so that no cap is passed by one.
CREATE OR REPLACE FUNCTION api.beta_join(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_role text := p_input->>'role';
    v_code text := nullif(upper(trim(coalesce(p_input->>'invite_code', ''))), '');
    v_device text := encode(sha256(convert_to(nullif(p_input->>'device_id', ''), 'UTF8')), 'hex');
    v_invite beta_invites;
    v_user users;
    v_why text;
BEGIN
    PERFORM pg_advisory_xact_lock(4850720133);
    SELECT * INTO v_user FROM users WHERE firebase_uid = p_uid;
    IF FOUND THEN
        IF v_user.banned OR (v_user.account_status <> 'ACTIVE' AND coalesce(v_user.suspended_until, 'infinity') > p_now) THEN
            RETURN api.refused('HX602');
        END IF;
        RETURN api.refused('CONFLICT', NULL, 'ALREADY_JOINED');
    END IF;
    IF v_device IS NOT NULL AND EXISTS (SELECT 1 FROM beta_members m JOIN users u ON u.id = m.user_id
                                         WHERE m.device_hash = v_device AND u.banned) THEN
        RETURN api.refused('HX503', NULL, 'BANNED');
    END IF;
    IF v_code IS NOT NULL THEN SELECT * INTO v_invite FROM beta_invites WHERE code = v_code FOR UPDATE; END IF;
    IF api.flag('beta_mode') THEN
        v_why := CASE
            WHEN api.flag('beta_seattle_only')
                 AND NOT api.in_seattle((p_input->>'latitude')::numeric, (p_input->>'longitude')::numeric) THEN 'SEATTLE_ONLY'
            WHEN v_code IS NULL AND (api.flag('invite_required') OR api.flag('beta_' || v_role || '_invite_required'))
                 THEN 'INVITE_REQUIRED'
            WHEN v_code IS NOT NULL AND v_invite.code IS NULL THEN 'INVALID_CODE'
            WHEN v_invite.expires_at <= p_now THEN 'EXPIRED'
            WHEN v_invite.uses >= v_invite.max_uses THEN 'MAX_USES_REACHED'
            WHEN v_invite.role NOT IN (v_role, 'both') THEN 'ROLE_MISMATCH'
            WHEN v_invite.city <> 'seattle' THEN 'CITY_MISMATCH'
            WHEN (SELECT count(*) FROM beta_members WHERE role = v_role) >= api.rule('beta_city_capacity_' || v_role)
                 OR (SELECT count(*) FROM beta_members) >= api.rule('beta_max_users') THEN 'CITY_AT_CAPACITY' END;
        IF v_why IS NOT NULL THEN RETURN api.refused('HX503', NULL, v_why); END IF;
        UPDATE beta_invites SET uses = uses + 1 WHERE code = v_invite.code AND uses < max_uses;
    END IF;
    v_user.id := api.create_account(p_uid, p_email, md5(p_uid) || '@example.invalid', p_name, p_now);
    IF v_user.id IS NULL THEN
        v_user.id := api.create_account(p_uid, NULL, md5(p_uid) || '@example.invalid', p_name, p_now);
    END IF;
    UPDATE users SET default_mode = CASE v_role WHEN 'hustler' THEN 'worker' ELSE 'poster' END WHERE id = v_user.id;
    INSERT INTO beta_members (user_id, role, invite_code, device_hash, joined_at)
    VALUES (v_user.id, v_role, v_invite.code, v_device, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('user_id', v_user.id, 'role', v_role, 'joined_at', api.iso(p_now)));
END $$;
