-- D1 with T6 or T7 and E5.
CREATE OR REPLACE FUNCTION api.dispute_create(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_latest text;
    v_dispute disputes;
    v_abuse text;
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id <> v_me.id AND v_task.worker_id IS DISTINCT FROM v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    SELECT state INTO v_latest FROM proofs WHERE task_id = v_task.id ORDER BY created_at DESC LIMIT 1;
    IF NOT (v_task.state = 'PROOF_SUBMITTED' OR (v_task.state = 'ACCEPTED' AND v_latest IS NOT DISTINCT FROM 'REJECTED'))
       OR v_escrow.state IS DISTINCT FROM 'FUNDED'
       OR EXISTS (SELECT 1 FROM disputes WHERE task_id = v_task.id AND state <> 'RESOLVED') THEN
        RETURN api.refused('CONFLICT');
    END IF;
    v_abuse := api.abuse_in_dispute(v_me.id, p_now);
    IF v_abuse IS NOT NULL THEN RETURN api.refused('CONFLICT', NULL, v_abuse); END IF;
    IF api.moderate('task', v_task.id, v_me.id, p_input->>'description', p_now) THEN
        RETURN api.refused('VALIDATION_ERROR', 'description', 'CONTENT_BLOCKED');
    END IF;
    UPDATE tasks SET state = 'DISPUTED' WHERE id = v_task.id;
    UPDATE escrows SET state = 'LOCKED_DISPUTE' WHERE id = v_escrow.id;
    INSERT INTO disputes (task_id, escrow_id, initiated_by, poster_id, worker_id, reason, description, created_at)
    VALUES (v_task.id, v_escrow.id, v_me.id, v_task.poster_id, v_task.worker_id, p_input->>'reason',
            p_input->>'description', p_now)
    RETURNING * INTO v_dispute;
    INSERT INTO evidence (task_id, dispute_id, uploader_user_id, requested_by, request_reason_codes, storage_key,
                          content_type, file_size_bytes, checksum_sha256, retention_deadline, created_at)
    SELECT v_task.id, v_dispute.id, v_me.id, 'system', ARRAY[v_dispute.reason], k.key, 'image/jpeg', 0,
           encode(sha256(convert_to(k.key, 'UTF8')), 'hex'), p_now + interval '7 years', p_now
      FROM jsonb_array_elements_text(coalesce(p_input->'evidence_urls', '[]')) AS k(key);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'dispute', jsonb_build_object('id', v_dispute.id, 'task_id', v_task.id, 'opened_by', v_me.id,
                                      'reason', v_dispute.reason, 'state', 'OPEN', 'created_at', api.iso(p_now)),
        'task', jsonb_build_object('id', v_task.id, 'state', 'DISPUTED'),
        'escrow', jsonb_build_object('id', v_escrow.id, 'state', 'LOCKED_DISPUTE')));
END $$;
