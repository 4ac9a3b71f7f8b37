-- A submission whose keys are kept as they come: where no object store is configured, and for callers of the database alone.
CREATE OR REPLACE FUNCTION api.proof_submit(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT api.proof_submit(p_uid, p_email, p_name, p_now, p_input, '{"gps_required": false}'::jsonb)
$$;
