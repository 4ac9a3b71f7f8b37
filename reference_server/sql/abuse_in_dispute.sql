-- FM-200, while the guards are on: whoever opens dispute after dispute freezes other people's money. Task and escrow are
-- locked by the caller. Answers why not, or NULL.
CREATE OR REPLACE FUNCTION api.abuse_in_dispute(p_user_id uuid, p_now timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT api.flag('abuse_guards') THEN RETURN NULL; END IF;
    PERFORM 1 FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM disputes WHERE initiated_by = p_user_id AND created_at > p_now - interval '24 hours')
       >= api.rule('max_disputes_per_day') THEN
        RETURN 'TOO_MANY_DISPUTES';
    END IF;
    RETURN NULL;
END $$;
