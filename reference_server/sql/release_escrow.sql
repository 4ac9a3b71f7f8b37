-- E3 and E6: the escrow of a COMPLETED task is RELEASED, the payout is intended, XP, tier and badges follow
-- (money.md §2, §5-§8). Answers the XP award. Task and escrow are locked by the caller.
CREATE OR REPLACE FUNCTION api.release_escrow(p_escrow_id uuid, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows;
    v_worker_id uuid;
    v_xp xp_ledger;
BEGIN
    UPDATE escrows SET state = 'RELEASED', released_at = p_now WHERE id = p_escrow_id RETURNING * INTO v_escrow;
    SELECT worker_id INTO v_worker_id FROM tasks WHERE id = v_escrow.task_id;
    PERFORM api.queue_payout(v_escrow.id, v_escrow.task_id, v_worker_id, v_escrow.amount, p_now);
    v_xp := api.award_xp(v_escrow.id, v_escrow.task_id, v_worker_id, v_escrow.amount, p_now);
    PERFORM api.evaluate_tier(v_worker_id, v_escrow.task_id, p_now);
    PERFORM api.award_badges(v_worker_id, v_escrow.task_id, p_now);
    RETURN jsonb_build_object('base_xp', v_xp.base_xp, 'streak_multiplier', v_xp.streak_multiplier,
                              'effective_xp', v_xp.effective_xp);
END $$;
