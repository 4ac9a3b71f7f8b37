-- §2.2: the author asks for another look at a rejection, once, within its window. Whoever is suspended cannot call: an
-- administrator files it for him, which leaves an audit row.
CREATE OR REPLACE FUNCTION api.moderation_appeal(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_item content_moderation_queue;
    v_appeal content_appeals;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_item FROM content_moderation_queue WHERE id = (p_input->>'item_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND', 'item_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_item.user_id <> v_me.id AND NOT v_me.is_admin THEN RETURN api.refused('HX503'); END IF;
    IF v_item.status <> 'rejected' OR EXISTS (SELECT 1 FROM content_appeals WHERE moderation_queue_id = v_item.id) THEN
        RETURN api.refused('CONFLICT');
    END IF;
    IF p_now > v_item.reviewed_at + api.appeal_window(v_item.severity) THEN
        RETURN api.refused('CONFLICT', NULL, 'APPEAL_WINDOW_CLOSED');
    END IF;
    INSERT INTO content_appeals (moderation_queue_id, original_decision, original_reviewer, user_id, appeal_reason,
                                 submitted_at, deadline)
    VALUES (v_item.id, v_item.review_decision, v_item.reviewed_by, v_item.user_id, p_input->>'reason', p_now,
            v_item.reviewed_at + api.appeal_window(v_item.severity))
    RETURNING * INTO v_appeal;
    IF v_item.user_id <> v_me.id THEN
        PERFORM api.log_admin(v_me.id, v_me.admin_role, 'appeal_file', p_input, NULL, NULL, NULL, v_item.user_id, p_now);
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'id', v_appeal.id, 'item_id', v_item.id, 'status', v_appeal.status, 'submitted_at', api.iso(p_now),
        'deadline', api.iso(v_appeal.deadline)));
END $$;
