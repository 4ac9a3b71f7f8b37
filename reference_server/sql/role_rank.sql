CREATE OR REPLACE FUNCTION api.role_rank(p_role text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_position(ARRAY['support', 'moderator', 'admin', 'founder'], p_role), 0)
$$;
