-- §3.2: rules compute the score, the row is the place in the review queue, CRITICAL suspends until a human has looked.
CREATE OR REPLACE FUNCTION api.admin_assess_risk(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user users;
    v_score_id uuid;
    f record;
    v_level text;
    v_components jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_user FROM users WHERE id = (p_input->>'user_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('HX504', 'user_id'); END IF;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'risk_assess', p_input, v_user.id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_ban_users OR v_user.id = v_me.id THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'risk_assess', p_input, v_user.id, p_now);
    END IF;
    PERFORM api.lock_user(v_user.id);
    SELECT * INTO v_user FROM users WHERE id = v_user.id;
    f := api.risk_factors(v_user.id, p_now);
    v_level := api.risk_level(f.score);
    v_components := jsonb_build_object('account', f.account, 'behaviour', f.behaviour, 'payment', f.payment,
                                       'identity', f.identity);
    INSERT INTO fraud_risk_scores (entity_type, entity_id, risk_score, risk_level, component_scores, calculated_at)
    VALUES ('user', v_user.id, f.score / 100.0, v_level, v_components || jsonb_build_object('weighted', f.weighted), p_now)
    ON CONFLICT DO NOTHING RETURNING id INTO v_score_id;
    IF v_score_id IS NULL THEN RETURN api.refused('CONFLICT'); END IF;
    -- A suspension whose end has come is none any more (SAF-3).
    IF v_level = 'CRITICAL' AND (v_user.account_status <> 'SUSPENDED' OR v_user.suspended_until <= p_now) THEN
        PERFORM api.set_standing(v_user.id, 'SUSPENDED', NULL, 'risk score ' || v_score_id, p_now);
        SELECT * INTO v_user FROM users WHERE id = v_user.id;
    END IF;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'risk_assess', p_input || jsonb_build_object('score', f.score), NULL, NULL,
                          NULL, v_user.id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'score_id', v_score_id, 'user_id', v_user.id, 'score', f.score, 'level', v_level, 'components', v_components,
        'weighted', f.weighted, 'account_status', v_user.account_status));
END $$;
