-- §2.2: another admin decides (HX954). Overturned, the content stands and the strike of the decision counts no more.
CREATE OR REPLACE FUNCTION api.admin_decide_appeal(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_appeal content_appeals;
    v_item content_moderation_queue;
    v_strike_id uuid;
    v_user users;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_appeal FROM content_appeals WHERE id = (p_input->>'appeal_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'appeal_id'); END IF;
    SELECT * INTO v_item FROM content_moderation_queue WHERE id = v_appeal.moderation_queue_id FOR NO KEY UPDATE;
    SELECT * INTO v_appeal FROM content_appeals WHERE id = v_appeal.id FOR NO KEY UPDATE;
    IF NOT v_me.active THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'appeal_decide', p_input, v_appeal.user_id, p_now, 'HX602');
    END IF;
    IF NOT v_me.can_ban_users OR v_appeal.user_id = v_me.id
       OR api.reported(v_me.id, v_item.content_type, v_item.content_id) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'appeal_decide', p_input, v_appeal.user_id, p_now);
    END IF;
    IF v_appeal.original_reviewer = v_me.id THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'appeal_decide', p_input, v_appeal.user_id, p_now, 'HX954');
    END IF;
    IF v_appeal.status IN ('upheld', 'overturned') THEN RETURN api.refused('CONFLICT'); END IF;
    UPDATE content_appeals SET status = p_input->>'decision', review_decision = p_input->>'decision',
                               review_notes = p_input->>'notes', reviewed_by = v_me.id, reviewed_at = p_now
     WHERE id = v_appeal.id RETURNING * INTO v_appeal;
    IF v_appeal.status = 'overturned' THEN
        UPDATE content_moderation_queue SET status = 'approved', review_decision = 'approve', review_notes = p_input->>'notes',
                                            reviewed_by = v_me.id, reviewed_at = p_now
         WHERE id = v_item.id RETURNING * INTO v_item;
        PERFORM api.lock_user(v_appeal.user_id);
        SELECT s.id INTO v_strike_id FROM user_strikes s
         WHERE s.user_id = v_appeal.user_id AND s.source_event = 'moderation:' || v_item.id
           AND NOT EXISTS (SELECT 1 FROM strike_removals r WHERE r.strike_id = s.id);
        IF FOUND THEN PERFORM api.remove_strike(v_strike_id, v_appeal.user_id, p_input->>'notes', v_me.id, p_now); END IF;
    END IF;
    SELECT * INTO v_user FROM users WHERE id = v_appeal.user_id;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'appeal_decide', p_input, NULL, NULL, NULL, v_appeal.user_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'id', v_appeal.id, 'status', v_appeal.status, 'item_status', v_item.status,
        'account_status', v_user.account_status, 'suspended_until', api.iso(v_user.suspended_until)));
END $$;
