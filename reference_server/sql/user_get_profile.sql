-- One look by the uid; a uid without an account gets one, and then its profile.
CREATE OR REPLACE FUNCTION api.user_get_profile(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_answer jsonb;
BEGIN
    FOR v_round IN 1..2 LOOP
        SELECT jsonb_build_object('ok', jsonb_build_object(
                   'id', u.id, 'email', u.email, 'phone', u.phone, 'full_name', u.full_name, 'avatar_url', u.avatar_url,
                   'default_mode', u.default_mode, 'trust_tier', u.trust_tier, 'xp_total', u.xp_total,
                   'current_level', u.current_level, 'current_streak', u.current_streak,
                   'is_verified', coalesce(u.is_verified, false), 'verified_at', api.iso(u.verified_at),
                   'onboarding_completed_at', api.iso(u.onboarding_completed_at), 'created_at', api.iso(u.created_at)))
          INTO v_answer FROM users u WHERE u.firebase_uid = p_uid;
        EXIT WHEN FOUND;
        PERFORM api.caller(p_uid, p_email, p_name, p_now);
    END LOOP;
    RETURN v_answer;
END $$;
