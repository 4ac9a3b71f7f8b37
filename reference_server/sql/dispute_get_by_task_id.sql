-- The latest dispute with its evidence, null if there is none; strangers learn nothing (decision 10).
CREATE OR REPLACE FUNCTION api.dispute_get_by_task_id(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                      p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT jsonb_build_object('ok', (
        SELECT jsonb_build_object(
                   'id', d.id, 'task_id', d.task_id, 'opened_by', d.initiated_by, 'reason', d.reason,
                   'description', d.description,
                   'evidence', coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'id', v.id, 'dispute_id', v.dispute_id, 'submitted_by', v.uploader_user_id,
                       'evidence_type', 'PHOTO', 'storage_key', v.storage_key, 'description', NULL,
                       'created_at', api.iso(v.created_at)) ORDER BY v.created_at, v.storage_key)
                       FROM evidence v WHERE v.dispute_id = d.id), '[]'),
                   'state', d.state, 'resolution', d.resolution, 'resolved_by', d.resolved_by,
                   'resolved_at', api.iso(d.resolved_at), 'created_at', api.iso(d.created_at))
          FROM disputes d WHERE d.task_id = t.id ORDER BY d.created_at DESC LIMIT 1))
      INTO v_answer
      FROM tasks t
     WHERE t.id = (p_input->>'task_id')::uuid AND (v_me.is_admin OR v_me.id IN (t.poster_id, t.worker_id));
    RETURN coalesce(v_answer, api.refused('NOT_FOUND'));
END $$;
