-- The intention to pay the worker's side of `p_released` cents, committed with its cause (money.md §2): 85 % rounded
-- down. Without a payout account the payout waits in the retry queue (decision 5).
CREATE OR REPLACE FUNCTION api.queue_payout(p_escrow_id uuid, p_task_id uuid, p_worker_id uuid, p_released integer,
                                            p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_account text;
    v_payout bigint := p_released::bigint * 85 / 100;
BEGIN
    SELECT stripe_connect_id INTO v_account FROM users WHERE id = p_worker_id;
    IF v_account IS NULL THEN
        INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, last_error_code, next_retry_at, created_at)
        VALUES (p_escrow_id, p_task_id, p_worker_id, v_payout, 'HX_NO_PAYOUT_ACCOUNT', p_now, p_now);
        RETURN;
    END IF;
    INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, payload)
    VALUES ('escrow', p_escrow_id, 'payout', 'tr:' || p_escrow_id, jsonb_build_object(
        'escrow_id', p_escrow_id, 'task_id', p_task_id, 'worker_user_id', p_worker_id, 'amount', v_payout,
        'destination', v_account, 'now', p_now))
    ON CONFLICT (idempotency_key) DO NOTHING;
END $$;
