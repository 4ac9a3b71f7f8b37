-- The same without waiting for the switch: for claims of work that is carried out later.
CREATE OR REPLACE FUNCTION api.is_closed(p_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT active FROM freeze_switches WHERE name = p_name), true)
$$;
