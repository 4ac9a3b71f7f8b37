-- Claims are written once and grant nothing (eligibility.md §2.1).
CREATE OR REPLACE FUNCTION api.onboarding_submit_capabilities(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                              p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_refused jsonb;
    v_claim uuid;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_refused := api.onboarding_begin(v_me.id, v_me.active, p_now);
    IF v_refused IS NOT NULL THEN RETURN v_refused; END IF;
    INSERT INTO capability_claims (user_id, role, claimed_trades, license_claims, insurance_claimed, work_state,
                                   work_region, risk_preferences, created_at)
    VALUES (v_me.id, coalesce((SELECT CASE role WHEN 'worker' THEN 'hustler' ELSE role END
                                 FROM onboarding_progress WHERE user_id = v_me.id), 'both'),
            ARRAY(SELECT jsonb_array_elements_text(p_input->'claimed_trades')), p_input->'license_claims',
            (p_input->>'insurance_claimed')::boolean, p_input->>'work_state', p_input->>'work_region',
            p_input->'risk_preferences', p_now)
    ON CONFLICT DO NOTHING RETURNING id INTO v_claim;
    IF v_claim IS NULL THEN RETURN api.refused('CONFLICT'); END IF;
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object('claim_id', v_claim,
        'trades_requiring_verification', p_input->'claimed_trades', 'next_step', s.next_step))
        FROM api.onboarding_state(v_me.id) s);
END $$;
