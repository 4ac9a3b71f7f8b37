-- Who calls: the row behind a verified uid, created on the first valid token (api.md §1.4), with standing and role.
-- Called before anything is locked, so that two first calls of one uid wait for each other without holding a task.
-- In the beta an account comes into being by beta.join only. Call it as an expression (v_me := …): in FROM it would be
-- written out to a tuple store first.
CREATE OR REPLACE FUNCTION api.caller(p_uid text, p_email text, p_name text, p_now timestamptz,
    OUT id uuid, OUT active boolean, OUT trust_tier integer, OUT live_mode_state text,
    OUT is_admin boolean, OUT admin_role text, OUT can_resolve_disputes boolean, OUT can_override_escrow boolean,
    OUT can_modify_trust boolean, OUT can_ban_users boolean, OUT can_access_financials boolean)
LANGUAGE plpgsql AS $$
BEGIN
    FOR v_round IN 1..3 LOOP
        SELECT u.id, NOT u.banned AND (coalesce(u.account_status, 'ACTIVE') = 'ACTIVE'
                   OR (u.account_status = 'SUSPENDED' AND coalesce(u.suspended_until <= p_now, false))),
               u.trust_tier, u.live_mode_state,
               a.id IS NOT NULL, a.role, coalesce(a.can_resolve_disputes, false), coalesce(a.can_override_escrow, false),
               coalesce(a.can_modify_trust, false), coalesce(a.can_ban_users, false),
               coalesce(a.can_access_financials, false)
          INTO id, active, trust_tier, live_mode_state, is_admin, admin_role, can_resolve_disputes, can_override_escrow,
               can_modify_trust, can_ban_users, can_access_financials
          FROM users u LEFT JOIN admin_roles a ON a.user_id = u.id
         WHERE u.firebase_uid = p_uid;
        EXIT WHEN FOUND;
        IF api.flag('beta_mode') THEN
            RAISE EXCEPTION USING ERRCODE = 'HX503', MESSAGE = 'the beta is entered by beta.join';
        END IF;
        PERFORM api.create_account(p_uid, CASE WHEN v_round = 1 THEN p_email END,
                                   CASE WHEN octet_length(p_uid) <= 240 THEN p_uid ELSE md5(p_uid) END || '@example.invalid',
                                   p_name, p_now);
    END LOOP;
END $$;
