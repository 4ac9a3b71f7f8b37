-- §2.2: a human decides, who neither wrote nor reported it (SAF-19). Rejecting confirms the finding: only then does it become a strike that may suspend (decision 16).
CREATE OR REPLACE FUNCTION api.admin_review_content(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_item content_moderation_queue;
    v_decision text := p_input->>'decision';
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_item FROM content_moderation_queue WHERE id = (p_input->>'item_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'item_id'); END IF;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'moderation_decide', p_input, v_item.user_id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_ban_users OR v_item.user_id = v_me.id
       OR api.reported(v_me.id, v_item.content_type, v_item.content_id) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'moderation_decide', p_input, v_item.user_id, p_now);
    END IF;
    IF v_item.status IN ('approved', 'rejected') THEN RETURN api.refused('CONFLICT'); END IF;
    UPDATE content_moderation_queue
       SET status = CASE v_decision WHEN 'reject' THEN 'rejected' WHEN 'escalate' THEN 'escalated' ELSE 'approved' END,
           review_decision = v_decision, review_notes = p_input->>'notes', reviewed_by = v_me.id, reviewed_at = p_now
     WHERE id = v_item.id RETURNING * INTO v_item;
    IF v_decision = 'reject' AND v_item.severity IN ('HIGH', 'CRITICAL') THEN
        PERFORM api.record_strike(v_item.user_id, CASE v_item.severity WHEN 'CRITICAL' THEN 3 ELSE 2 END, 'manual',
                                  'moderation:' || v_item.id, p_input->>'notes', NULL, NULL, v_me.id, p_now);
    END IF;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'moderation_decide', p_input, NULL, NULL, NULL, v_item.user_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('id', v_item.id, 'status', v_item.status,
                                                       'review_decision', v_item.review_decision));
END $$;
