-- Decision 19, SAF-3: while a party is suspended nothing is released by itself or by the other party; money that is
-- FUNDED waits for an admin.
CREATE OR REPLACE FUNCTION api.withheld(p_poster_id uuid, p_worker_id uuid, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM users WHERE id IN (p_poster_id, p_worker_id)
                      AND (banned OR (account_status = 'SUSPENDED' AND coalesce(suspended_until > p_now, true))));
END $$;
