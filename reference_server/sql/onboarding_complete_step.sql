CREATE OR REPLACE FUNCTION api.onboarding_complete_step(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                        p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_refused jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_refused := api.onboarding_begin(v_me.id, v_me.active, p_now);
    IF v_refused IS NOT NULL THEN RETURN v_refused; END IF;
    UPDATE onboarding_progress SET profile = profile OR p_input->>'step_id' = 'profile',
                                   tutorial = tutorial OR p_input->>'step_id' = 'tutorial' WHERE user_id = v_me.id;
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object('completed_steps', to_jsonb(s.steps),
        'next_step', s.next_step, 'phase', s.phase)) FROM api.onboarding_state(v_me.id) s);
END $$;
