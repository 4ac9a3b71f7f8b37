-- The latest proof with its photos, null if there is none; strangers learn nothing (decision 10). read_url: the key of the
-- rendition, which the service turns into a URL.
CREATE OR REPLACE FUNCTION api.proof_get_by_task_id(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                    p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT jsonb_build_object('ok', (
        SELECT jsonb_build_object(
                   'id', p.id, 'task_id', p.task_id, 'submitter_id', p.submitter_id, 'state', p.state,
                   'description', p.description,
                   'photos', coalesce((SELECT jsonb_agg(jsonb_build_object(
                       'id', f.id, 'proof_id', f.proof_id, 'storage_key', f.storage_key,
                       'content_type', f.content_type, 'file_size_bytes', f.file_size_bytes,
                       'sequence_number', f.sequence_number, 'capture_time', api.iso(f.capture_time),
                       'created_at', api.iso(f.created_at), 'read_url', x.rendition_key) ORDER BY f.sequence_number)
                       FROM proof_photos f LEFT JOIN photo_inspections x ON x.photo_id = f.id WHERE f.proof_id = p.id), '[]'),
                   'submitted_at', api.iso(p.submitted_at), 'reviewed_by', p.reviewed_by,
                   'reviewed_at', api.iso(p.reviewed_at), 'rejection_reason', p.rejection_reason)
          FROM proofs p WHERE p.task_id = t.id ORDER BY p.created_at DESC LIMIT 1))
      INTO v_answer
      FROM tasks t
     WHERE t.id = (p_input->>'task_id')::uuid AND (v_me.is_admin OR v_me.id IN (t.poster_id, t.worker_id));
    RETURN coalesce(v_answer, api.refused('NOT_FOUND'));
END $$;
