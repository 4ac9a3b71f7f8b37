-- One XP row per escrow (INV-5): a repeat answers the first row. Exact decimals (money.md §5).
CREATE OR REPLACE FUNCTION api.award_xp(p_escrow_id uuid, p_task_id uuid, p_worker_id uuid, p_amount integer,
                                        p_now timestamptz)
RETURNS xp_ledger LANGUAGE plpgsql AS $$
DECLARE
    v_worker record;
    v_row xp_ledger;
    v_multiplier numeric(3,2);
    v_decay numeric(6,4);
    v_effective integer;
BEGIN
    SELECT xp_total, current_streak INTO v_worker FROM users WHERE id = p_worker_id FOR NO KEY UPDATE;
    SELECT * INTO v_row FROM xp_ledger WHERE escrow_id = p_escrow_id;
    IF FOUND THEN RETURN v_row; END IF;
    v_multiplier := calculate_streak_multiplier(v_worker.current_streak);
    v_decay := calculate_xp_decay(v_worker.xp_total);
    v_effective := greatest(1, floor((p_amount / 100) * v_multiplier * v_decay));
    INSERT INTO xp_ledger (user_id, task_id, escrow_id, base_xp, streak_multiplier, decay_factor, effective_xp,
                           user_xp_before, user_xp_after, user_level_before, user_level_after, user_streak_at_award,
                           awarded_at)
    VALUES (p_worker_id, p_task_id, p_escrow_id, p_amount / 100, v_multiplier, v_decay, v_effective,
            v_worker.xp_total, v_worker.xp_total + v_effective, calculate_level(v_worker.xp_total),
            calculate_level(v_worker.xp_total + v_effective), v_worker.current_streak, p_now)
    RETURNING * INTO v_row;
    UPDATE users SET xp_total = v_row.user_xp_after, current_level = v_row.user_level_after WHERE id = p_worker_id;
    RETURN v_row;
END $$;
