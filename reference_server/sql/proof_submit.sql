-- T3 with P1: the proof enters PENDING, gets its photos and becomes SUBMITTED, all in this call. Checks in the order of
-- proof-and-gps.md §8. p_facts: {"photos": what the store said of each (api.check_photos), "gps_required": decision 15}.
CREATE OR REPLACE FUNCTION api.proof_submit(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb,
                                            p_facts jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_attempts integer;
    v_last timestamptz;
    v_proof_id uuid;
    v_refusal jsonb;
    v_fix jsonb;
    v_payload text;
    v_kept submission_keys;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.worker_id IS DISTINCT FROM v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF p_input ? 'client_key' THEN  -- PRF-6
        v_payload := encode(sha256(convert_to(p_input::text, 'UTF8')), 'hex');
        SELECT * INTO v_kept FROM submission_keys WHERE user_id = v_me.id AND client_key = p_input->>'client_key';
        IF FOUND THEN
            RETURN CASE WHEN v_kept.payload_sha256 = v_payload THEN v_kept.answer
                        ELSE api.refused('CONFLICT', 'client_key') END;
        END IF;
    END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.state <> 'ACCEPTED' THEN RETURN api.refused('CONFLICT'); END IF;
    SELECT count(*), max(created_at) INTO v_attempts, v_last FROM proofs WHERE task_id = v_task.id;
    IF v_attempts >= 3 THEN RETURN api.refused('CONFLICT'); END IF;  -- decision 9
    IF api.moderate('task', v_task.id, v_me.id, p_input->>'description', p_now) THEN
        RETURN api.refused('VALIDATION_ERROR', 'description', 'CONTENT_BLOCKED');
    END IF;
    IF p_facts ? 'photos' THEN
        v_refusal := api.check_photos(v_task, v_me.id, p_now, p_input->'photo_urls', p_facts->'photos');
    END IF;
    IF v_refusal IS NOT NULL THEN RETURN v_refusal; END IF;
    v_fix := api.check_fix(v_task, v_me.id, p_now, p_input, (p_facts->>'gps_required')::boolean);
    IF v_fix ? 'refused' THEN
        PERFORM api.note_signal(v_me.id, v_task.id, NULL, s.key, s.value::integer, '{"refused": true}', p_now)
           FROM jsonb_each_text(v_fix->'signals') s;
        RETURN api.refused(v_fix->>'refused', v_fix->>'field');
    END IF;
    -- created_at also orders the attempts, so two of the same instant are kept a microsecond apart.
    INSERT INTO proofs (task_id, submitter_id, description, created_at)
    VALUES (v_task.id, v_me.id, p_input->>'description', greatest(p_now, v_last + interval '1 microsecond'))
    RETURNING id INTO v_proof_id;
    IF NOT p_facts ? 'photos' THEN  -- no object store: the keys, of which nothing is known
        INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, sequence_number,
                                  created_at)
        SELECT v_proof_id, k.key, 'image/jpeg', 0, encode(sha256(convert_to(v_proof_id || k.key || k.position, 'UTF8')), 'hex'),
               k.position, p_now
          FROM jsonb_array_elements_text(p_input->'photo_urls') WITH ORDINALITY AS k(key, position);
    ELSE
        -- In the order of the hashes, so that two submissions of the same photos queue up. The loser of such a race starts
        -- again and finds the winner's binding.
        INSERT INTO photo_bindings (checksum_sha256, task_id, worker_id, proof_id, bound_at)
        SELECT u.checksum_sha256, v_task.id, v_me.id, v_proof_id, p_now FROM proof_uploads u
         WHERE u.storage_key IN (SELECT jsonb_array_elements_text(p_input->'photo_urls')) ORDER BY 1
        ON CONFLICT DO NOTHING;
        IF (SELECT count(*) FROM photo_bindings WHERE proof_id = v_proof_id) < jsonb_array_length(p_input->'photo_urls') THEN
            RAISE EXCEPTION 'a photo was bound meanwhile' USING ERRCODE = '40001';
        END IF;
        INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, capture_time,
                                  sequence_number, created_at)
        SELECT v_proof_id, u.storage_key, u.content_type, u.file_size_bytes, u.checksum_sha256, to_timestamp(f.captured_s),
               k.position, p_now
          FROM jsonb_array_elements_text(p_input->'photo_urls') WITH ORDINALITY AS k(key, position)
          JOIN proof_uploads u ON u.storage_key = k.key
          JOIN jsonb_to_recordset(p_facts->'photos') AS f(key text, captured_s bigint) ON f.key = k.key;
        UPDATE proof_uploads SET proof_id = v_proof_id
         WHERE storage_key IN (SELECT jsonb_array_elements_text(p_input->'photo_urls'));
        INSERT INTO proof_inspections (proof_id) VALUES (v_proof_id);
    END IF;
    UPDATE proofs SET state = 'SUBMITTED', submitted_at = p_now, review_deadline = p_now + interval '48 hours'
     WHERE id = v_proof_id;
    -- Another attempt at the very instant of the one before leaves the column as it is: the guard then asks this clock.
    PERFORM set_config('hustle.now', p_now::text, true);
    UPDATE tasks SET state = 'PROOF_SUBMITTED', proof_submitted_at = p_now WHERE id = v_task.id;
    PERFORM api.store_proof_evidence(v_proof_id, v_task.id, v_me.id, p_now, p_input, coalesce(p_facts->'photos', '[]'), v_fix);
    v_answer := jsonb_build_object('ok', jsonb_build_object(
        'task', jsonb_build_object('id', v_task.id, 'state', 'PROOF_SUBMITTED', 'proof_submitted_at', api.iso(p_now)),
        'proof', jsonb_build_object('id', v_proof_id, 'state', 'SUBMITTED')));
    IF p_input ? 'client_key' THEN
        INSERT INTO submission_keys (user_id, client_key, payload_sha256, proof_id, answer, created_at)
        VALUES (v_me.id, p_input->>'client_key', v_payload, v_proof_id, v_answer, p_now) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN RAISE EXCEPTION 'the key was used meanwhile' USING ERRCODE = '40001'; END IF;
    END IF;
    RETURN v_answer;
END $$;
