-- Decision 14: a place under the cap on money in escrow, before the processor is asked. What ended gives its place back.
-- False: no room. A repeat keeps its place.
CREATE OR REPLACE FUNCTION api.beta_reserve(p_escrow_id uuid, p_amount integer, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT api.flag('beta_mode') THEN RETURN true; END IF;
    PERFORM pg_advisory_xact_lock(4850720136);
    IF EXISTS (SELECT 1 FROM beta_reservations WHERE escrow_id = p_escrow_id) THEN RETURN true; END IF;
    IF (SELECT coalesce(sum(r.amount), 0) FROM beta_reservations r JOIN escrows e ON e.id = r.escrow_id
         WHERE e.state IN ('PENDING', 'FUNDED', 'LOCKED_DISPUTE')) + p_amount > api.rule('beta_max_escrow_cents') THEN
        RETURN false;
    END IF;
    INSERT INTO beta_reservations (escrow_id, amount, reserved_at) VALUES (p_escrow_id, p_amount, p_now);
    RETURN true;
END $$;
