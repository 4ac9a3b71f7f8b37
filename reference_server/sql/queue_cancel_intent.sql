-- The intention to cancel an unpaid payment intent at the processor (E2).
CREATE OR REPLACE FUNCTION api.queue_cancel_intent(p_escrow_id uuid, p_task_id uuid, p_intent text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, payload)
    VALUES ('escrow', p_escrow_id, 'cancel_intent', 'ci:' || p_escrow_id, jsonb_build_object(
        'escrow_id', p_escrow_id, 'task_id', p_task_id, 'payment_intent', p_intent))
    ON CONFLICT (idempotency_key) DO NOTHING
$$;
