-- One check per user at a time; a failed or expired one starts again in its row.
CREATE OR REPLACE FUNCTION api.verification_initiate_background_check(p_uid text, p_email text, p_name text,
                                                                      p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_row background_checks;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    PERFORM set_config('hustle.now', p_now::text, true);
    PERFORM 1 FROM users WHERE id = v_me.id FOR NO KEY UPDATE;
    SELECT * INTO v_row FROM background_checks WHERE user_id = v_me.id ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO background_checks (user_id, provider, created_at) VALUES (v_me.id, 'checkr', p_now)
        RETURNING * INTO v_row;
    ELSIF v_row.status = 'pending' OR (v_row.status = 'verified' AND v_row.expires_at > p_now) THEN
        RETURN api.refused('CONFLICT');
    ELSE
        UPDATE background_checks SET status = 'expired' WHERE id = v_row.id AND status = 'verified';
        UPDATE background_checks SET status = 'pending' WHERE id = v_row.id;
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object('check_id', v_row.id, 'provider', v_row.provider,
        'status', 'initiated'));
END $$;
