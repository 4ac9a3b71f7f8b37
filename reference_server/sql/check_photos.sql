-- Steps 6 and 7 of proof-and-gps.md §8: receipts, objects, kinds, capture times, hashes. NULL when all is well, else the
-- refusal. p_photos is what the store and the pictures themselves said: [{key, problem?, captured_s?}].
CREATE OR REPLACE FUNCTION api.check_photos(p_task tasks, p_worker uuid, p_now timestamptz, p_keys jsonb, p_photos jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_used boolean;
    v_kinds text[];
    v_hashes text[];
    v_early boolean;
    v_owner record;
    v_seen boolean := false;
BEGIN
    IF EXISTS (SELECT 1 FROM jsonb_array_elements_text(p_keys) k(key) LEFT JOIN proof_uploads u
                   ON u.storage_key = k.key AND u.user_id = p_worker AND u.task_id = p_task.id
                WHERE u.storage_key IS NULL) THEN
        RETURN api.refused('VALIDATION_ERROR', 'photo_urls');
    END IF;
    SELECT bool_or(u.proof_id IS NOT NULL), array_agg(u.photo_type::text), array_agg(u.checksum_sha256::text)
      INTO v_used, v_kinds, v_hashes
      FROM jsonb_array_elements_text(p_keys) k(key) JOIN proof_uploads u ON u.storage_key = k.key;
    IF v_used THEN RETURN api.refused('CONFLICT', 'photo_urls'); END IF;  -- PRF-7
    SELECT bool_or(f.key IS NULL OR f.problem IS NOT NULL),
           bool_or(f.captured_s < floor(extract(epoch FROM p_task.accepted_at))
                   OR f.captured_s < floor(extract(epoch FROM p_now)) - 300
                   OR f.captured_s > floor(extract(epoch FROM p_now)) + 60)
      INTO v_used, v_early
      FROM jsonb_array_elements_text(p_keys) k(key)
      LEFT JOIN jsonb_to_recordset(p_photos) AS f(key text, problem text, captured_s bigint) ON f.key = k.key;
    IF v_used OR NOT v_kinds @> api.photo_types_due(p_task.category) OR v_early THEN  -- §3, T-PRF-24, PRF-8
        RETURN api.refused('VALIDATION_ERROR', 'photo_urls');
    END IF;
    FOR v_owner IN SELECT DISTINCT b.worker_id, b.task_id FROM photo_bindings b
                    WHERE b.checksum_sha256 = ANY (v_hashes) LOOP  -- PRF-13, on both accounts
        v_seen := true;
        PERFORM api.note_signal(p_worker, p_task.id, NULL, 'reused_photo', 70,
                                jsonb_build_object('first_task', v_owner.task_id), p_now);
        IF v_owner.worker_id <> p_worker THEN
            PERFORM api.note_signal(v_owner.worker_id, v_owner.task_id, NULL, 'reused_photo', 70,
                                    jsonb_build_object('again_on_task', p_task.id), p_now);
        END IF;
    END LOOP;
    IF NOT v_seen AND cardinality(v_hashes) > (SELECT count(DISTINCT h) FROM unnest(v_hashes) h) THEN
        v_seen := true;
        PERFORM api.note_signal(p_worker, p_task.id, NULL, 'reused_photo', 70, '{"same_proof": true}', p_now);
    END IF;
    RETURN CASE WHEN v_seen THEN api.refused('CONFLICT', 'photo_urls') END;
END $$;
