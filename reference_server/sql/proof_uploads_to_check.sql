-- What the store has to be asked before a submission: the caller's own unused uploads among the keys that it names.
-- Decides nothing: api.proof_submit does, once the answers are known.
CREATE OR REPLACE FUNCTION api.proof_uploads_to_check(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                      p_input jsonb)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('ok', coalesce(jsonb_agg(jsonb_build_object(
               'key', u.storage_key, 'content_type', u.content_type, 'size_bytes', u.file_size_bytes,
               'checksum_sha256', u.checksum_sha256)), '[]'))
      FROM proof_uploads u
      JOIN users w ON w.id = u.user_id AND w.firebase_uid = p_uid
      JOIN tasks t ON t.id = u.task_id AND t.state = 'ACCEPTED'
     WHERE u.task_id = (p_input->>'task_id')::uuid AND u.proof_id IS NULL
       AND u.storage_key IN (SELECT jsonb_array_elements_text(p_input->'photo_urls'))
$$;
