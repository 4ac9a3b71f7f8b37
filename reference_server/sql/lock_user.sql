-- Locks an account whose standing may change. The tasks that a suspension may end are locked before it, as everywhere.
CREATE OR REPLACE FUNCTION api.lock_user(p_user_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM tasks WHERE poster_id = p_user_id AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
END $$;
