-- An attempt that was refused leaves a row as well (§7.2, FM-249), when whoever made it holds an administrative role.
CREATE OR REPLACE FUNCTION api.refuse_admin(p_admin_id uuid, p_role text, p_action text, p_details jsonb, p_user_id uuid,
                                            p_now timestamptz, p_code text DEFAULT 'HX503', p_message text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF p_role IS NOT NULL THEN
        INSERT INTO admin_actions (admin_user_id, admin_role, action_type, action_details, target_user_id, result,
                                   result_details, performed_at)
        VALUES (p_admin_id, p_role, p_action, p_details, p_user_id, 'refused',
                jsonb_strip_nulls(jsonb_build_object('code', p_code, 'message', p_message)), p_now);
    END IF;
    RETURN api.refused(p_code, NULL, p_message);
END $$;
