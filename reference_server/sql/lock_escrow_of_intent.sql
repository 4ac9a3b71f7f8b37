-- The escrow that waits for this payment intent, locked after its task; no row for a foreign intent.
CREATE OR REPLACE FUNCTION api.lock_escrow_of_intent(p_intent text) RETURNS escrows LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows;
BEGIN
    SELECT * INTO v_escrow FROM escrows WHERE stripe_payment_intent_id = p_intent;
    IF NOT FOUND THEN RETURN NULL; END IF;
    PERFORM 1 FROM tasks WHERE id = v_escrow.task_id FOR NO KEY UPDATE;
    SELECT * INTO v_escrow FROM escrows WHERE id = v_escrow.id FOR NO KEY UPDATE;
    RETURN v_escrow;
END $$;
