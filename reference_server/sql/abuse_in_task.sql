-- Task spam (§3.6), while the guards are on: too many open tasks of one poster, the same words twice within a day, or
-- three tasks of his own that he cancelled within a day.
-- Those who post for one account wait for each other. Answers why not, or NULL.
CREATE OR REPLACE FUNCTION api.abuse_in_task(p_poster_id uuid, p_title text, p_description text, p_now timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT api.flag('abuse_guards') THEN RETURN NULL; END IF;
    PERFORM 1 FROM users WHERE id = p_poster_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM tasks WHERE poster_id = p_poster_id AND state = 'OPEN') >= api.rule('max_pending_tasks_per_poster') THEN
        RETURN 'TOO_MANY_PENDING';
    END IF;
    IF EXISTS (SELECT 1 FROM tasks WHERE poster_id = p_poster_id AND lower(title) = lower(p_title)
                  AND lower(description) = lower(p_description) AND created_at > p_now - interval '24 hours') THEN
        RETURN 'DUPLICATE_TASK';
    END IF;
    IF (SELECT count(*) FROM poster_cancellations WHERE poster_id = p_poster_id
           AND cancelled_at > p_now - interval '24 hours') > api.rule('max_poster_cancels_per_day') THEN
        RETURN 'POST_AND_CANCEL';
    END IF;
    RETURN NULL;
END $$;
