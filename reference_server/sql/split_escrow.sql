-- E8: the worker's share is rounded down, the odd cent goes to the poster (money.md §3). No XP.
CREATE OR REPLACE FUNCTION api.split_escrow(p_escrow escrows, p_percent integer, p_worker_id uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_release integer := (p_escrow.amount::bigint * p_percent / 100)::integer;
BEGIN
    UPDATE escrows SET state = 'REFUND_PARTIAL', release_amount = v_release, refund_amount = amount - v_release,
                       refunded_at = p_now
     WHERE id = p_escrow.id;
    PERFORM api.queue_refund(p_escrow.id, p_escrow.task_id, p_escrow.stripe_payment_intent_id,
                             p_escrow.amount - v_release);
    PERFORM api.queue_payout(p_escrow.id, p_escrow.task_id, p_worker_id, v_release, p_now);
END $$;
