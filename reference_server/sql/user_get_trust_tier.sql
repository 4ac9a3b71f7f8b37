CREATE OR REPLACE FUNCTION api.user_get_trust_tier(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                   p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object(
        'current_tier', u.trust_tier,
        'tier_name', (ARRAY['ROOKIE', 'VERIFIED', 'TRUSTED', 'ELITE'])[u.trust_tier],
        'next_tier', CASE WHEN u.trust_tier < 4 THEN u.trust_tier + 1 END,
        'requirements_for_next', CASE WHEN u.trust_tier < 4 THEN jsonb_build_object(
            'tasks_completed', jsonb_build_object('required', (ARRAY[5, 20, 100])[u.trust_tier], 'current', r.completed),
            'approval_rate', CASE WHEN u.trust_tier = 2 THEN
                jsonb_build_object('required', 0.95, 'current', round(r.approval_rate, 4)) END,
            'avg_rating', CASE WHEN u.trust_tier = 3 THEN
                jsonb_build_object('required', 4.8, 'current', r.avg_rating) END) END,
        'tier_benefits', to_jsonb((ARRAY['tasks of low risk', 'tasks of medium risk', 'tasks of medium risk in a trade',
                                         'tasks of high risk'])[1:u.trust_tier])))
        FROM users u, api.worker_record(u.id) r WHERE u.id = v_me.id);
END $$;
