-- eligibility.md §5.4: expired when expires_at <= now.
CREATE OR REPLACE FUNCTION api.status_at(p_status text, p_expires_at timestamptz, p_now timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_status = 'verified' AND p_expires_at <= p_now THEN 'expired' ELSE p_status END
$$;
