-- Whether a switch of decision 13 is closed. Holds the switch as it is until this transaction ends: the switch waits
-- for those who were let through, and they see it once it has been turned. A missing row counts as closed (SAF-14).
CREATE OR REPLACE FUNCTION api.frozen(p_name text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4850720131);
    RETURN coalesce((SELECT active FROM freeze_switches WHERE name = p_name), true);
END $$;
