-- A role is a preference (users.default_mode); it opens no door by itself.
CREATE OR REPLACE FUNCTION api.onboarding_set_role(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_refused jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_refused := api.onboarding_begin(v_me.id, v_me.active, p_now);
    IF v_refused IS NOT NULL THEN RETURN v_refused; END IF;
    UPDATE onboarding_progress SET role = p_input->>'role' WHERE user_id = v_me.id;
    UPDATE users SET default_mode = p_input->>'role', role_certainty_tier = p_input->>'confidence' WHERE id = v_me.id;
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object('role', s.role, 'next_step', s.next_step))
              FROM api.onboarding_state(v_me.id) s);
END $$;
