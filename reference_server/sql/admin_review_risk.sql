-- §3.1: a human looks at a score. `reviewed` leaves it open, `resolved` and `dismissed` close it; dismissed, the suspension
-- that it brought about ends.
CREATE OR REPLACE FUNCTION api.admin_review_risk(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_score fraud_risk_scores;
    v_user users;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_score FROM fraud_risk_scores WHERE id = (p_input->>'score_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'score_id'); END IF;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'risk_review', p_input, v_score.entity_id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_ban_users OR v_score.entity_id = v_me.id THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'risk_review', p_input, v_score.entity_id, p_now);
    END IF;
    IF v_score.status IN ('resolved', 'dismissed') THEN RETURN api.refused('CONFLICT'); END IF;
    UPDATE fraud_risk_scores SET status = p_input->>'decision', reviewed_by = v_me.id, reviewed_at = p_now,
                                 review_notes = p_input->>'notes'
     WHERE id = v_score.id RETURNING * INTO v_score;
    PERFORM api.lock_user(v_score.entity_id);
    SELECT * INTO v_user FROM users WHERE id = v_score.entity_id;
    IF v_score.status = 'dismissed' AND v_user.account_status = 'SUSPENDED'
       AND v_user.suspension_reason = 'risk score ' || v_score.id THEN
        PERFORM api.set_standing(v_user.id, 'ACTIVE', NULL, NULL, p_now);
        v_user.account_status := 'ACTIVE';
    END IF;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'risk_review', p_input, NULL, NULL, NULL, v_user.id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('score_id', v_score.id, 'status', v_score.status,
                                                       'account_status', v_user.account_status));
END $$;
