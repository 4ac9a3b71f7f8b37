CREATE OR REPLACE FUNCTION api.eligibility_get_profile(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                       p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_profile jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_profile := api.capability_profile(v_me.id, p_now);
    IF v_profile IS NULL THEN RETURN api.refused('NOT_FOUND'); END IF;
    RETURN jsonb_build_object('ok', v_profile);
END $$;
