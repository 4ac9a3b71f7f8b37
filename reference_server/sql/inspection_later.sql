-- A proof whose photos could not be read now: again after a pause.
CREATE OR REPLACE FUNCTION api.inspection_later(p_proof uuid, p_pause_ms integer) RETURNS text LANGUAGE sql AS $$
    UPDATE proof_inspections SET not_before = clock_timestamp() + p_pause_ms * interval '1 millisecond'
     WHERE proof_id = p_proof AND state = 'pending' RETURNING state
$$;
