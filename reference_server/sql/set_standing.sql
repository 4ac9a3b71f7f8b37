-- A change of an account's standing with what follows from it (SAF-3): the idle tasks of a suspended poster end with a
-- full refund, money with a worker behind it stays where it is. Locks tasks, escrows, user. Answers the ended tasks.
CREATE OR REPLACE FUNCTION api.set_standing(p_user_id uuid, p_status text, p_until timestamptz, p_reason text,
                                            p_now timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[] := '{}';
    v_escrow escrows;
BEGIN
    IF p_status = 'SUSPENDED' AND NOT api.frozen('REFUNDS') THEN
        v_ids := ARRAY(SELECT id FROM tasks WHERE poster_id = p_user_id AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE);
        PERFORM 1 FROM escrows WHERE task_id = ANY (v_ids) ORDER BY task_id FOR NO KEY UPDATE;
        UPDATE tasks SET state = 'CANCELLED', cancelled_at = p_now WHERE id = ANY (v_ids);
        FOR v_escrow IN SELECT * FROM escrows WHERE task_id = ANY (v_ids) LOOP
            PERFORM api.refund_escrow(v_escrow, p_now);
        END LOOP;
    END IF;
    UPDATE users SET account_status = p_status,
                     suspended_until = CASE WHEN p_status = 'SUSPENDED' THEN p_until END,
                     suspension_reason = CASE WHEN p_status = 'SUSPENDED' THEN p_reason END,
                     paused_at = CASE WHEN p_status = 'PAUSED' THEN p_now END,
                     pause_streak_snapshot = CASE WHEN p_status = 'PAUSED' THEN current_streak END,
                     pause_trust_tier_snapshot = CASE WHEN p_status = 'PAUSED' THEN trust_tier END
     WHERE id = p_user_id;
    RETURN coalesce(cardinality(v_ids), 0);
END $$;
