-- One strike per user and source event; the longer suspension wins, a later shorter one never shortens (§1.2).
-- Answers {strike_id, severity, duplicate, account_status, suspended_until}.
CREATE OR REPLACE FUNCTION api.record_strike(p_user_id uuid, p_severity integer, p_source text, p_event text, p_reason text,
                                             p_task_id uuid, p_dispute_id uuid, p_by uuid, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_strike user_strikes;
    v_user users;
    v_until timestamptz;
    v_duplicate boolean := false;
BEGIN
    -- The tasks that a suspension may end are locked before the user, as everywhere.
    PERFORM 1 FROM tasks WHERE poster_id = p_user_id AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE;
    SELECT * INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    INSERT INTO user_strikes (user_id, severity, source, source_event, reason, related_task_id, related_dispute_id,
                              created_by, created_at)
    VALUES (p_user_id, p_severity, p_source, p_event, p_reason, p_task_id, p_dispute_id, p_by, p_now)
    ON CONFLICT (user_id, source_event) DO NOTHING RETURNING * INTO v_strike;
    IF v_strike.id IS NULL THEN
        v_duplicate := true;
        SELECT * INTO v_strike FROM user_strikes WHERE user_id = p_user_id AND source_event = p_event;
    ELSIF p_source = 'manual' THEN
        v_until := api.strike_consequence(p_user_id, p_now);
        IF v_until IS NOT NULL AND NOT (v_user.account_status = 'SUSPENDED'
                                        AND coalesce(v_user.suspended_until, 'infinity') >= v_until) THEN
            PERFORM api.set_standing(p_user_id, 'SUSPENDED', v_until, p_reason, p_now);
        END IF;
    END IF;
    SELECT * INTO v_user FROM users WHERE id = p_user_id;
    RETURN jsonb_build_object('strike_id', v_strike.id, 'user_id', p_user_id, 'severity', v_strike.severity,
                              'duplicate', v_duplicate, 'account_status', v_user.account_status,
                              'suspended_until', api.iso(v_user.suspended_until));
END $$;
