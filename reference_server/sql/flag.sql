-- A restrictive flag: one that is missing counts as on (OPS-13, FM-189).
CREATE OR REPLACE FUNCTION api.flag(p_key text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT enabled_global FROM feature_flags WHERE key = p_key), true)
$$;
