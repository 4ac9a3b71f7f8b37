-- Who calls: the row behind a verified uid, created on the first valid token (api.md §1.4), with standing and role.
-- Called before anything is locked, so that two first calls of one uid wait for each other without holding a task.
CREATE OR REPLACE FUNCTION api.caller(p_uid text, p_email text, p_name text, p_now timestamptz,
    OUT id uuid, OUT active boolean, OUT trust_tier integer, OUT live_mode_state text,
    OUT is_admin boolean, OUT admin_role text, OUT can_resolve_disputes boolean, OUT can_override_escrow boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_fallback text := CASE WHEN octet_length(p_uid) <= 240 THEN p_uid ELSE md5(p_uid) END || '@example.invalid';
BEGIN
    FOR v_round IN 1..3 LOOP
        SELECT u.id, coalesce(u.account_status, 'ACTIVE') = 'ACTIVE', u.trust_tier, u.live_mode_state,
               a.id IS NOT NULL, a.role, coalesce(a.can_resolve_disputes, false), coalesce(a.can_override_escrow, false)
          INTO id, active, trust_tier, live_mode_state, is_admin, admin_role, can_resolve_disputes, can_override_escrow
          FROM users u LEFT JOIN admin_roles a ON a.user_id = u.id
         WHERE u.firebase_uid = p_uid;
        EXIT WHEN FOUND;
        -- The claimed address may belong to an older account: then the fallback of the second round is free.
        INSERT INTO users (firebase_uid, email, full_name, created_at)
        VALUES (p_uid, CASE WHEN v_round = 1 THEN coalesce(nullif(p_email, ''), v_fallback) ELSE v_fallback END,
                coalesce(nullif(p_name, ''), p_uid), p_now)
        ON CONFLICT DO NOTHING;
    END LOOP;
END $$;
