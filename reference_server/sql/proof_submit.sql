-- T3 with P1: the proof enters PENDING, gets its photos and becomes SUBMITTED, all in this call.
CREATE OR REPLACE FUNCTION api.proof_submit(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_attempts integer;
    v_last timestamptz;
    v_proof_id uuid;
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.worker_id IS DISTINCT FROM v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.state <> 'ACCEPTED' THEN RETURN api.refused('CONFLICT'); END IF;
    SELECT count(*), max(created_at) INTO v_attempts, v_last FROM proofs WHERE task_id = v_task.id;
    IF v_attempts >= 3 THEN RETURN api.refused('CONFLICT'); END IF;  -- decision 9
    -- created_at also orders the attempts, so two of the same instant are kept a microsecond apart.
    INSERT INTO proofs (task_id, submitter_id, description, created_at)
    VALUES (v_task.id, v_me.id, p_input->>'description', greatest(p_now, v_last + interval '1 microsecond'))
    RETURNING id INTO v_proof_id;
    INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, sequence_number,
                              created_at)
    SELECT v_proof_id, k.key, 'image/jpeg', 0, encode(sha256(convert_to(k.key, 'UTF8')), 'hex'), k.position, p_now
      FROM jsonb_array_elements_text(p_input->'photo_urls') WITH ORDINALITY AS k(key, position);
    UPDATE proofs SET state = 'SUBMITTED', submitted_at = p_now, review_deadline = p_now + interval '48 hours'
     WHERE id = v_proof_id;
    -- Another attempt at the very instant of the one before leaves the column as it is: the guard then asks this clock.
    PERFORM set_config('hustle.now', p_now::text, true);
    UPDATE tasks SET state = 'PROOF_SUBMITTED', proof_submitted_at = p_now WHERE id = v_task.id;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'task', jsonb_build_object('id', v_task.id, 'state', 'PROOF_SUBMITTED', 'proof_submitted_at', api.iso(p_now)),
        'proof', jsonb_build_object('id', v_proof_id, 'state', 'SUBMITTED')));
END $$;
