-- A restrictive flag: one that is missing counts as on (OPS-13, FM-189). In plpgsql, whose plan stays: a function in SQL
-- that cannot be inlined is parsed and planned again by every statement that calls it.
CREATE OR REPLACE FUNCTION api.flag(p_key text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT enabled_global FROM feature_flags WHERE key = p_key), true);
END $$;
