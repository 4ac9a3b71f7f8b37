-- Takes due rows for one dispatcher: a row whose lease has run out is due again. Answers [{id, event_name, key,
-- attempts, payload}]. Available times are those of the real clock.
CREATE OR REPLACE FUNCTION api.outbox_claim(p_limit integer, p_lease_ms integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_rows jsonb;
BEGIN
    WITH due AS (
        SELECT id FROM outbox_events
         WHERE status IN ('pending', 'enqueued') AND available_at <= clock_timestamp()
           AND NOT (event_name = 'payout' AND api.is_closed('MARKETPLACE'))
           AND NOT (event_name = 'refund' AND api.is_closed('REFUNDS'))
         ORDER BY available_at LIMIT p_limit FOR UPDATE SKIP LOCKED),
    taken AS (
        UPDATE outbox_events o
           SET status = 'enqueued', attempts = o.attempts + 1,
               available_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
          FROM due WHERE o.id = due.id
        RETURNING o.id, o.event_name, o.idempotency_key, o.attempts, o.payload)
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'event_name', event_name, 'key', idempotency_key,
                                                 'attempts', attempts, 'payload', payload)), '[]')
      INTO v_rows FROM taken;
    RETURN v_rows;
END $$;
