-- Places to upload the photos of a proof to (PRF-7, api.md §1.11). Keys are ours alone: task, a number of this call, position.
CREATE OR REPLACE FUNCTION api.proof_request_upload(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                    p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_call uuid := gen_random_uuid();
    v_uploads jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR KEY SHARE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.worker_id IS DISTINCT FROM v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.state <> 'ACCEPTED' OR (SELECT count(*) FROM proofs WHERE task_id = v_task.id) >= 3 THEN
        RETURN api.refused('CONFLICT');
    END IF;
    WITH issued AS (
        INSERT INTO proof_uploads (storage_key, task_id, user_id, photo_type, content_type, file_size_bytes,
                                   checksum_sha256, expires_at, created_at)
        SELECT format('proofs/%s/%s/%s', v_task.id, v_call, f.position), v_task.id, v_me.id, f.file->>'photo_type',
               f.file->>'content_type', (f.file->>'size_bytes')::bigint, f.file->>'checksum_sha256',
               p_now + interval '600 seconds', p_now
          FROM jsonb_array_elements(p_input->'files') WITH ORDINALITY AS f(file, position)
         ORDER BY f.position
        RETURNING storage_key, content_type, file_size_bytes, expires_at)
    SELECT jsonb_agg(jsonb_build_object('key', storage_key, 'content_type', content_type,
                                        'size_bytes', file_size_bytes, 'expires_at', api.iso(expires_at))
                     ORDER BY storage_key)
      INTO v_uploads FROM issued;
    RETURN jsonb_build_object('ok', jsonb_build_object('uploads', v_uploads));
END $$;
