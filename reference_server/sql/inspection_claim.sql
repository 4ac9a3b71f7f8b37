-- Takes proofs whose photos are to be looked at, oldest first; a proof whose lease has run out is due again. Answers
-- [{proof_id, tries, consent, photos:[{id, key, checksum}]}]. Leases are those of the real clock.
CREATE OR REPLACE FUNCTION api.inspection_claim(p_limit integer, p_lease_ms integer) RETURNS jsonb LANGUAGE sql AS $$
    WITH due AS (
        SELECT proof_id FROM proof_inspections WHERE state = 'pending' AND not_before <= clock_timestamp()
         ORDER BY position LIMIT p_limit FOR UPDATE SKIP LOCKED),
    taken AS (
        UPDATE proof_inspections i
           SET tries = i.tries + 1, not_before = clock_timestamp() + p_lease_ms * interval '1 millisecond'
          FROM due WHERE i.proof_id = due.proof_id
        RETURNING i.proof_id, i.tries, i.position)
    SELECT coalesce(jsonb_agg(jsonb_build_object('proof_id', t.proof_id, 'tries', t.tries, 'consent', EXISTS (
               SELECT 1 FROM proofs p JOIN biometric_consents c ON c.user_id = p.submitter_id AND c.granted
                WHERE p.id = t.proof_id), 'photos', (
               SELECT jsonb_agg(jsonb_build_object('id', f.id, 'key', f.storage_key, 'checksum', f.checksum_sha256)
                                ORDER BY f.sequence_number)
                 FROM proof_photos f WHERE f.proof_id = t.proof_id)) ORDER BY t.position), '[]')
      FROM taken t
$$;
