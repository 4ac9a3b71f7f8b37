CREATE OR REPLACE FUNCTION api.admin_get_freeze(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.is_admin THEN RETURN api.refused('HX503'); END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'marketplace', api.is_closed('MARKETPLACE'), 'refunds', api.is_closed('REFUNDS')));
END $$;
