-- OPS-12: a change of a rule is audited with what it was before.
CREATE OR REPLACE FUNCTION api.admin_set_rule(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_before jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'rule_change', p_input, NULL, p_now, 'HX602'); END IF;
    IF NOT v_me.can_access_financials THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'rule_change', p_input, NULL, p_now);
    END IF;
    SELECT value INTO v_before FROM marketplace_rules WHERE city = '' AND key = p_input->>'key' FOR UPDATE;
    INSERT INTO marketplace_rules (city, key, value) VALUES ('', p_input->>'key', p_input->'value')
    ON CONFLICT (city, key) DO UPDATE SET value = excluded.value;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'rule_change', p_input || jsonb_build_object('before', v_before),
                          NULL, NULL, NULL, NULL, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('key', p_input->>'key', 'value', p_input->'value',
                                                       'changed_at', api.iso(p_now)));
END $$;
