CREATE OR REPLACE FUNCTION api.user_get_xp(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    RETURN (SELECT jsonb_build_object('ok', jsonb_build_object(
        'total_xp', u.xp_total, 'current_level', u.current_level, 'current_streak', u.current_streak,
        'level_progress', jsonb_build_object(
            'current_threshold', l.low, 'next_threshold', l.high,
            'progress_percent', CASE WHEN l.high IS NULL THEN 100
                                     ELSE round(100.0 * (u.xp_total - l.low) / (l.high - l.low), 2) END),
        'recent_entries', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'id', x.id, 'user_id', x.user_id, 'task_id', x.task_id, 'amount', x.base_xp, 'reason', x.reason,
                       'decay_factor', x.decay_factor, 'effective_amount', x.effective_xp,
                       'balance_after', x.user_xp_after, 'created_at', api.iso(x.awarded_at))
                       ORDER BY x.awarded_at DESC, x.user_xp_before DESC)
              FROM (SELECT * FROM xp_ledger WHERE user_id = u.id ORDER BY awarded_at DESC, user_xp_before DESC
                     LIMIT coalesce((p_input->>'limit')::integer, 10)) x), '[]')))
        FROM users u, LATERAL (SELECT api.level_threshold(u.current_level) AS low,
                                      api.level_threshold(u.current_level + 1) AS high) l
       WHERE u.id = v_me.id);
END $$;
