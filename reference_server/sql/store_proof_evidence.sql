-- Step 9 of proof-and-gps.md §8, in the transaction of the proof: its fix and the signals of both fix and photos.
CREATE OR REPLACE FUNCTION api.store_proof_evidence(p_proof uuid, p_task uuid, p_worker uuid, p_now timestamptz,
                                                    p_input jsonb, p_photos jsonb, p_fix jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_bare boolean := EXISTS (SELECT 1 FROM jsonb_array_elements(p_photos) f WHERE NOT f ? 'captured_s');
    v_review boolean;
BEGIN
    v_review := (p_fix->>'review')::boolean OR (v_bare AND (p_fix->>'advice')::integer >= 1);
    IF p_input ? 'gps_lat' THEN
        INSERT INTO proof_locations (proof_id, user_id, latitude, longitude, accuracy_m, captured_at, received_at, is_mock,
                                     repeats, zone, distance_m, risk_hundredths, manual_review)
        VALUES (p_proof, p_worker, (p_input->>'gps_lat')::numeric, (p_input->>'gps_lng')::numeric,
                ceil((p_input->>'gps_accuracy_m')::numeric * 10) / 10, (p_fix->>'captured_at')::timestamptz, p_now,
                coalesce((p_input->>'gps_mock')::boolean, false), (p_fix->>'repeats')::integer, p_fix->>'zone',
                (p_fix->>'distance')::numeric, (p_fix->>'risk')::integer, coalesce(v_review, false));
    END IF;
    IF p_fix->'signals' <> '{}' THEN
        PERFORM api.note_signal(p_worker, p_task, p_proof, s.key, s.value::integer, '{}', p_now)
           FROM jsonb_each_text(p_fix->'signals') s;
    END IF;
    IF v_bare THEN PERFORM api.note_signal(p_worker, p_task, p_proof, 'exif_missing', 0, '{}', p_now); END IF;
END $$;
