-- The money of a transfer came back: the payout waits in the retry queue again (money.md §4), one attempt poorer
-- (C-M10). The queue's row names the transfer that failed, so that the next attempt gets a key of its own, and keeps
-- every such transfer in its history, so that late news about one of them has no effect.
CREATE OR REPLACE FUNCTION api.transfer_failed(p_event jsonb, p_now timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_escrow escrows;
    v_transfer text := p_event->>'object_id';
    v_delays interval[] := ARRAY['5 minutes', '30 minutes', '2 hours', '24 hours'];
    v_count integer;
BEGIN
    -- Outbox before escrow, as the dispatchers lock them.
    PERFORM 1 FROM outbox_events WHERE aggregate_id = (p_event->>'escrow_id')::uuid AND event_name = 'payout' FOR UPDATE;
    SELECT * INTO v_escrow FROM escrows WHERE id = (p_event->>'escrow_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN 'mismatch: unknown escrow'; END IF;
    IF p_event->>'currency' IS DISTINCT FROM 'usd' THEN RETURN 'mismatch: currency'; END IF;
    IF (p_event->>'amount')::bigint IS DISTINCT FROM coalesce(v_escrow.release_amount, v_escrow.amount)::bigint * 85 / 100 THEN
        RETURN 'mismatch: amount';
    END IF;
    IF v_escrow.state NOT IN ('RELEASED', 'REFUND_PARTIAL') THEN RETURN 'alert: failed transfer without release'; END IF;
    IF v_escrow.stripe_transfer_id <> v_transfer OR api.transfer_has_failed(v_escrow.id, v_transfer) THEN
        RETURN 'ignored';
    END IF;
    UPDATE escrows SET stripe_transfer_id = NULL WHERE id = v_escrow.id AND stripe_transfer_id IS NOT NULL;
    UPDATE outbox_events SET status = 'failed', last_error = 'transfer.failed'
     WHERE aggregate_id = v_escrow.id AND event_name = 'payout';
    SELECT 1 + coalesce(max(attempt_count), 0) INTO v_count FROM transfer_retry_queue WHERE escrow_id = v_escrow.id;
    INSERT INTO transfer_retry_queue AS q (escrow_id, task_id, worker_id, amount, stripe_transfer_id, attempt_count,
                                           last_error_code, last_attempt_at, next_retry_at, status, error_history, created_at)
    SELECT v_escrow.id, t.id, t.worker_id, (p_event->>'amount')::integer, v_transfer, v_count, 'transfer_failed', p_now,
           p_now + v_delays[v_count], CASE WHEN v_count >= 5 THEN 'FAILED_PERMANENT' ELSE 'PENDING' END,
           jsonb_build_array(jsonb_build_object('at', p_now, 'code', 'transfer_failed', 'transfer', v_transfer)), p_now
      FROM tasks t WHERE t.id = v_escrow.task_id
    ON CONFLICT (escrow_id) WHERE status IN ('PENDING', 'PROCESSING') DO UPDATE
       SET status = excluded.status, stripe_transfer_id = v_transfer, attempt_count = v_count,
           last_error_code = excluded.last_error_code, last_attempt_at = p_now, next_retry_at = excluded.next_retry_at,
           error_history = q.error_history || excluded.error_history;
    RETURN 'applied';
END $$;
