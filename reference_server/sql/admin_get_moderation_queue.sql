CREATE OR REPLACE FUNCTION api.admin_get_moderation_queue(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.can_ban_users THEN RETURN api.refused('HX503'); END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'items', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'id', q.id, 'content_type', q.content_type, 'content_id', q.content_id, 'severity', q.severity,
            'status', q.status, 'sla_deadline', api.iso(q.sla_deadline)) ORDER BY q.sla_deadline, q.id)
            FROM (SELECT * FROM content_moderation_queue WHERE status IN ('pending', 'reviewing', 'escalated')
                   ORDER BY sla_deadline, id LIMIT coalesce((p_input->>'limit')::integer, 20)) q), '[]'),
        'total', (SELECT count(*) FROM content_moderation_queue WHERE status IN ('pending', 'reviewing', 'escalated'))));
END $$;
