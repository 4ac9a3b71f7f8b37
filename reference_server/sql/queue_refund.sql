-- The intention to give `p_amount` cents back to the poster's card.
CREATE OR REPLACE FUNCTION api.queue_refund(p_escrow_id uuid, p_task_id uuid, p_intent text, p_amount integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key, payload)
    VALUES ('escrow', p_escrow_id, 'refund', 're:' || p_escrow_id, jsonb_build_object(
        'escrow_id', p_escrow_id, 'task_id', p_task_id, 'payment_intent', p_intent, 'amount', p_amount))
    ON CONFLICT (idempotency_key) DO NOTHING
$$;
