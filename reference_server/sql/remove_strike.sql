-- A strike counts no more; its row stays. The suspension in force ends or is shortened when it is the one that the
-- strikes brought about; one of a human's word stays. The caller has locked the user (lock_user).
-- Answers {strike_id, user_id, account_status, suspended_until}.
CREATE OR REPLACE FUNCTION api.remove_strike(p_strike_id uuid, p_user_id uuid, p_reason text, p_by uuid, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_user users;
    v_before timestamptz;
    v_after timestamptz;
BEGIN
    SELECT * INTO v_user FROM users WHERE id = p_user_id;
    v_before := api.strikes_until(p_user_id);
    INSERT INTO strike_removals (strike_id, removed_by, reason, removed_at) VALUES (p_strike_id, p_by, p_reason, p_now);
    IF v_user.account_status = 'SUSPENDED' AND v_user.suspended_until = v_before THEN
        v_after := api.strikes_until(p_user_id);
        PERFORM api.set_standing(p_user_id, CASE WHEN v_after > p_now THEN 'SUSPENDED' ELSE 'ACTIVE' END, v_after,
                                 v_user.suspension_reason, p_now);
        SELECT * INTO v_user FROM users WHERE id = p_user_id;
    END IF;
    RETURN jsonb_build_object('strike_id', p_strike_id, 'user_id', p_user_id, 'account_status', v_user.account_status,
                              'suspended_until', api.iso(v_user.suspended_until));
END $$;
