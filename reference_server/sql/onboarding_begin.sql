-- What every onboarding mutation asks first: a refusal, or NULL once the caller's progress row is there and locked.
CREATE OR REPLACE FUNCTION api.onboarding_begin(p_user_id uuid, p_active boolean, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF NOT p_active THEN RETURN api.refused('HX602'); END IF;
    PERFORM set_config('hustle.now', p_now::text, true);
    INSERT INTO onboarding_progress (user_id, started_at) VALUES (p_user_id, p_now) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM onboarding_progress WHERE user_id = p_user_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM users WHERE id = p_user_id AND onboarding_completed_at IS NOT NULL) THEN
        RETURN api.refused('CONFLICT');
    END IF;
    RETURN NULL;
END $$;
