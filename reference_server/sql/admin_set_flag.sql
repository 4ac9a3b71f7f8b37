CREATE OR REPLACE FUNCTION api.admin_set_flag(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'flag_change', p_input, NULL, p_now, 'HX602'); END IF;
    IF NOT v_me.can_access_financials THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'flag_change', p_input, NULL, p_now);
    END IF;
    INSERT INTO feature_flags (key, enabled_global) VALUES (p_input->>'key', (p_input->>'enabled')::boolean)
    ON CONFLICT (key) DO UPDATE SET enabled_global = excluded.enabled_global;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'flag_change', p_input, NULL, NULL, NULL, NULL, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('key', p_input->>'key', 'enabled', (p_input->>'enabled')::boolean,
                                                       'changed_at', api.iso(p_now)));
END $$;
