-- R0: the capability profile comes into being, at the user's tier and without any trade that was not verified.
CREATE OR REPLACE FUNCTION api.onboarding_complete(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_refused jsonb;
    v_state record;
    v_user users;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_refused := api.onboarding_begin(v_me.id, v_me.active, p_now);
    IF v_refused IS NOT NULL THEN RETURN v_refused; END IF;
    SELECT * INTO v_state FROM api.onboarding_state(v_me.id);
    IF NOT 'capabilities' = ANY (v_state.steps)
       OR NOT ('tutorial' = ANY (v_state.steps) OR coalesce((p_input->>'skip_tutorial')::boolean, false)) THEN
        RETURN api.refused('CONFLICT');
    END IF;
    UPDATE users SET onboarding_completed_at = p_now WHERE id = v_me.id RETURNING * INTO v_user;
    PERFORM recompute_capability(v_me.id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('success', true,
        'profile', jsonb_build_object('id', v_user.id, 'full_name', v_user.full_name, 'trust_tier', v_user.trust_tier,
                                      'default_mode', v_user.default_mode),
        'capability_profile', api.capability_profile(v_me.id, p_now), 'onboarding_completed_at', api.iso(p_now)));
END $$;
