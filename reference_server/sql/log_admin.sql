-- AUDIT-3: every privileged effect leaves a row.
CREATE OR REPLACE FUNCTION api.log_admin(p_admin_id uuid, p_role text, p_action text, p_details jsonb, p_task_id uuid,
                                         p_escrow_id uuid, p_dispute_id uuid, p_user_id uuid, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO admin_actions (admin_user_id, admin_role, action_type, action_details, target_user_id, target_task_id,
                               target_escrow_id, target_dispute_id, result, performed_at)
    VALUES (p_admin_id, p_role, p_action, p_details, p_user_id, p_task_id, p_escrow_id, p_dispute_id, 'success', p_now)
$$;
