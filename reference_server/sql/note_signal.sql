-- A signal of cheating (proof-and-gps.md §5.6): advice for people, never a verdict.
CREATE OR REPLACE FUNCTION api.note_signal(p_user uuid, p_task uuid, p_proof uuid, p_kind text, p_weight integer,
                                           p_details jsonb, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO fraud_events (user_id, task_id, proof_id, kind, weight_hundredths, details, created_at)
    VALUES (p_user, p_task, p_proof, p_kind, p_weight, p_details, p_now)
$$;
