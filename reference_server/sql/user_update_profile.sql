CREATE OR REPLACE FUNCTION api.user_update_profile(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                   p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user users;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF p_input ? 'full_name' AND api.moderate('profile', v_me.id, v_me.id, p_input->>'full_name', p_now) THEN
        RETURN api.refused('VALIDATION_ERROR', 'full_name', 'CONTENT_BLOCKED');
    END IF;
    UPDATE users SET full_name = coalesce(p_input->>'full_name', full_name),
                     avatar_url = coalesce(p_input->>'avatar_url', avatar_url),
                     default_mode = coalesce(p_input->>'default_mode', default_mode)
     WHERE id = v_me.id RETURNING * INTO v_user;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'id', v_user.id, 'full_name', v_user.full_name, 'avatar_url', v_user.avatar_url,
        'default_mode', v_user.default_mode, 'updated_at', api.iso(v_user.updated_at)));
END $$;
