-- proof-and-gps.md §4: photos of two proofs that look alike, by at most 8 of 64 bits in either direction. The later proof
-- is marked, whichever of them was looked at first; nothing is refused.
CREATE OR REPLACE FUNCTION api.note_alike(p_proof proofs) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_pair record;
    v_later proofs;
BEGIN
    FOR v_pair IN
        SELECT DISTINCT other.proof_id FROM photo_inspections mine JOIN photo_inspections other
            ON bit_count(mine.look_across # other.look_across) <= 8 AND bit_count(mine.look_down # other.look_down) <= 8
         WHERE mine.proof_id = p_proof.id AND other.proof_id <> p_proof.id LOOP
        SELECT * INTO v_later FROM proofs WHERE id = v_pair.proof_id;
        IF (v_later.created_at, v_later.id) < (p_proof.created_at, p_proof.id) THEN v_later := p_proof; END IF;
        IF NOT EXISTS (SELECT 1 FROM fraud_events WHERE proof_id = v_later.id AND kind = 'similar_photo') THEN
            PERFORM api.note_signal(v_later.submitter_id, v_later.task_id, v_later.id, 'similar_photo', 0, '{}',
                                    v_later.submitted_at);
        END IF;
        PERFORM api.mark_for_review(v_later.id, 'similar_photo');
    END LOOP;
END $$;
