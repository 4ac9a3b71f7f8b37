-- Promotion (money.md §6): one step per row of the trust ledger, as long as the next tier's requirements hold.
-- The ledger row itself is written by the trigger trust_tier_audit, with the reason given here (decision 12).
-- The record is asked for only when it can decide: it counts all that the worker ever did.
CREATE OR REPLACE FUNCTION api.evaluate_tier(p_user_id uuid, p_task_id uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_first integer;
    v_verified boolean;
    v_record record;
BEGIN
    SELECT trust_tier, coalesce(is_verified, false) INTO v_first, v_verified FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    FOR v_tier IN v_first .. 3 LOOP
        EXIT WHEN v_tier = 1 AND NOT v_verified;
        IF v_tier = v_first THEN v_record := api.worker_record(p_user_id); END IF;
        EXIT WHEN NOT CASE v_tier
            WHEN 1 THEN v_record.completed >= 5
            WHEN 2 THEN v_record.completed >= 20 AND coalesce(v_record.approval_rate, 0) >= 0.95
            WHEN 3 THEN v_record.completed >= 100 AND coalesce(v_record.dispute_rate, 0) < 0.01
                        AND coalesce(v_record.avg_rating, 0) >= 4.8 END;
        PERFORM set_config('hustle.trust_reason', 'PROMOTION', true),
                set_config('hustle.trust_task', p_task_id::text, true),
                set_config('hustle.now', p_now::text, true);
        UPDATE users SET trust_tier = v_tier + 1 WHERE id = p_user_id;
    END LOOP;
END $$;
