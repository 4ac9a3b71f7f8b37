-- Rows that still have to be carried out (a row whose lease has run out is due again), and the age of the oldest.
CREATE OR REPLACE FUNCTION api.outbox_pending() RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'pending', count(*),
        'due', count(*) FILTER (WHERE available_at <= clock_timestamp()
            AND NOT (event_name = 'payout' AND api.is_closed('MARKETPLACE'))
            AND NOT (event_name = 'refund' AND api.is_closed('REFUNDS'))),
        'claimed', count(*) FILTER (WHERE status = 'enqueued' AND available_at > clock_timestamp()),
        'oldest_age_seconds', coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0))
      FROM outbox_events WHERE status IN ('pending', 'enqueued')
$$;
