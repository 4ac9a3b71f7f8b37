-- Step 10 of proof-and-gps.md §8. p_photos: what was found on each photo of the proof: [{id, rendition, content_type, exif,
-- camera, software?, width?, height?, latitude?, longitude?, across?, down?}]. p_trouble: why photos could not be looked
-- at; then a person does (never accepted, never refused for it). p_scores: of the biometric provider (§7), {liveness,
-- deepfake}; {} when it gave none, NULL when it was not asked.
CREATE OR REPLACE FUNCTION api.inspection_store(p_proof uuid, p_photos jsonb, p_trouble text, p_scores jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_proof proofs;
    v_least integer;
    v_advice integer;
    v_biometric text := api.biometric_advice((p_scores->>'liveness')::numeric, (p_scores->>'deepfake')::numeric);
BEGIN
    PERFORM pg_advisory_xact_lock(4850720103);  -- one proof at a time: of two that look alike, one sees the other
    SELECT p.* INTO v_proof FROM proof_inspections i JOIN proofs p ON p.id = i.proof_id
     WHERE i.proof_id = p_proof AND i.state = 'pending' FOR UPDATE OF i;
    IF NOT FOUND THEN RETURN 'done'; END IF;
    INSERT INTO photo_inspections (photo_id, proof_id, look_across, look_down, authenticity, findings, rendition_key)
    SELECT f.id, p_proof, (x.fact->>'across')::bit(64), (x.fact->>'down')::bit(64),
           round(100 * (1 - coalesce(sum(w.weight), 0) / 17.0)), coalesce(array_agg(w.finding) FILTER (WHERE w.finding IS NOT NULL), '{}'),
           x.fact->>'rendition'
      FROM jsonb_array_elements(p_photos) x(fact) JOIN proof_photos f ON f.id = (x.fact->>'id')::uuid AND f.proof_id = p_proof
      JOIN tasks t ON t.id = v_proof.task_id
      LEFT JOIN LATERAL api.photo_findings(x.fact, coalesce(f.capture_time < date_trunc('second', t.accepted_at), false)) w ON true
     GROUP BY f.id, x.fact;
    SELECT min(authenticity) INTO v_least FROM photo_inspections WHERE proof_id = p_proof;
    UPDATE proof_inspections SET state = 'done', authenticity = v_least WHERE proof_id = p_proof;
    IF v_least < 50 THEN
        PERFORM api.note_signal(v_proof.submitter_id, v_proof.task_id, p_proof, 'low_authenticity', 0, '{}', v_proof.submitted_at);
        PERFORM api.mark_for_review(p_proof, 'low_authenticity');
    END IF;
    IF EXISTS (SELECT 1 FROM jsonb_array_elements(p_photos) x(fact) JOIN proof_locations l ON l.proof_id = p_proof
                WHERE x.fact ? 'latitude' AND x.fact ? 'longitude' AND api.distance_m((x.fact->>'latitude')::numeric, (x.fact->>'longitude')::numeric, l.latitude, l.longitude) > 500) THEN
        SELECT count(DISTINCT kind) INTO v_advice FROM fraud_events WHERE proof_id = p_proof
           AND kind IN ('zero_accuracy', 'mock_location', 'repeated_point', 'coarse_coordinates', 'exact_task_point', 'exif_missing');
        PERFORM api.note_signal(v_proof.submitter_id, v_proof.task_id, p_proof, 'exif_elsewhere', 0, '{}', v_proof.submitted_at);
        IF v_advice >= 1 THEN PERFORM api.mark_for_review(p_proof, 'exif_elsewhere'); END IF;  -- two signals (§5.6)
    END IF;
    IF p_scores IS NOT NULL THEN  -- a provider that is down decides nothing: a person looks (T-PRF-22)
        IF p_scores = '{}' THEN v_biometric := 'MANUAL_REVIEW'; END IF;
        UPDATE proof_inspections SET liveness = (p_scores->>'liveness')::numeric, deepfake = (p_scores->>'deepfake')::numeric,
                                     advice = v_biometric WHERE proof_id = p_proof;
        IF v_biometric <> 'APPROVE' THEN PERFORM api.mark_for_review(p_proof, 'biometrics'); END IF;
    END IF;
    IF p_trouble <> '' THEN PERFORM api.mark_for_review(p_proof, p_trouble); END IF;
    PERFORM api.note_alike(v_proof);
    RETURN 'done';
END $$;
