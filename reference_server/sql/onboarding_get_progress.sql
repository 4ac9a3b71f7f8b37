CREATE OR REPLACE FUNCTION api.onboarding_get_progress(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                       p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object('phase', s.phase, 'completed_steps', to_jsonb(s.steps),
        'next_step', s.next_step, 'role', s.role, 'profile_percent_complete', cardinality(s.steps) * 25,
        'started_at', api.iso(s.started_at), 'completed_at', api.iso(s.completed_at)))
        FROM api.onboarding_state(v_me.id) s);
END $$;
