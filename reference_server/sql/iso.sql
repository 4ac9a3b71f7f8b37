-- Instants as the contract shows them: ISO 8601, UTC, milliseconds.
CREATE OR REPLACE FUNCTION api.iso(p_at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
