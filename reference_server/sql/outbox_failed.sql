-- The processor refused for good. A payout goes to the retry queue: 5 attempts after 0, 5 min, 30 min, 2 h and 24 h
-- (C-M10), the first of which was the call that has just failed.
CREATE OR REPLACE FUNCTION api.outbox_failed(p_id uuid, p_code text, p_error text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_row outbox_events;
    v_now timestamptz;
    v_count integer;
BEGIN
    UPDATE outbox_events SET status = 'failed', last_error = left(p_error, 500) WHERE id = p_id RETURNING * INTO v_row;
    IF v_row.event_name <> 'payout' THEN RETURN; END IF;
    v_now := (v_row.payload->>'now')::timestamptz;
    INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, created_at)
    VALUES (v_row.aggregate_id, (v_row.payload->>'task_id')::uuid, (v_row.payload->>'worker_user_id')::uuid,
            (v_row.payload->>'amount')::integer, v_now)
    ON CONFLICT (escrow_id) WHERE status IN ('PENDING', 'PROCESSING') DO NOTHING;
    UPDATE transfer_retry_queue
       SET attempt_count = attempt_count + 1, last_attempt_at = v_now, last_error_code = left(p_code, 100),
           last_error_message = left(p_error, 500),
           error_history = error_history || jsonb_build_object('at', v_now, 'code', p_code),
           status = CASE WHEN attempt_count + 1 >= max_attempts THEN 'FAILED_PERMANENT' ELSE 'PENDING' END,
           next_retry_at = v_now + (ARRAY['5 minutes', '30 minutes', '2 hours', '24 hours']::interval[])[attempt_count + 1]
     WHERE escrow_id = v_row.aggregate_id AND status IN ('PENDING', 'PROCESSING');
END $$;
