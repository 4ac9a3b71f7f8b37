-- The same without waiting for the switch: for claims of work that is carried out later.
CREATE OR REPLACE FUNCTION api.is_closed(p_name text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT active FROM freeze_switches WHERE name = p_name), true);
END $$;
