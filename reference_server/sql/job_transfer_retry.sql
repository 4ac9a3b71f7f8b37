-- Payouts whose next attempt is due go back to the outbox; those that still lack a payout account wait on
-- (decision 5) without using up an attempt. After a transfer that failed the old key would only repeat its answer.
CREATE OR REPLACE FUNCTION api.job_transfer_retry(p_now timestamptz, p_task_ids uuid[], p_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_due transfer_retry_queue;
    v_account text;
    v_count integer := 0;
BEGIN
    IF api.frozen('MARKETPLACE') THEN RETURN 0; END IF;
    FOR v_due IN
        SELECT * FROM transfer_retry_queue
         WHERE status = 'PENDING' AND next_retry_at <= p_now
           AND (p_task_ids IS NULL OR task_id = ANY (p_task_ids))
         ORDER BY id LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        SELECT stripe_connect_id INTO v_account FROM users WHERE id = v_due.worker_id;
        IF v_account IS NULL THEN
            UPDATE transfer_retry_queue SET next_retry_at = p_now + interval '5 minutes' WHERE id = v_due.id;
            CONTINUE;
        END IF;
        UPDATE transfer_retry_queue SET status = 'PROCESSING' WHERE id = v_due.id;
        INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, payload)
        VALUES ('escrow', v_due.escrow_id, 'payout',
                'tr:' || v_due.escrow_id || coalesce(':after:' || v_due.stripe_transfer_id, ''), jsonb_build_object(
            'escrow_id', v_due.escrow_id, 'task_id', v_due.task_id, 'worker_user_id', v_due.worker_id,
            'amount', v_due.amount, 'destination', v_account, 'now', p_now))
        ON CONFLICT (idempotency_key) DO UPDATE
           SET status = 'pending', attempts = 0, available_at = clock_timestamp(), payload = excluded.payload
         WHERE outbox_events.status = 'failed';
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;
