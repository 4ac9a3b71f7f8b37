-- Not now: the row is due again after a delay.
CREATE OR REPLACE FUNCTION api.outbox_later(p_id uuid, p_delay_ms integer, p_error text) RETURNS void LANGUAGE sql AS $$
    UPDATE outbox_events SET status = 'pending', last_error = left(p_error, 500),
                             available_at = clock_timestamp() + p_delay_ms * interval '1 millisecond'
     WHERE id = p_id AND status = 'enqueued'
$$;
