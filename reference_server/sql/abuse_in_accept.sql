-- Collusion and farming (§3.6), while the guards are on: what stands between a poster and a worker. On one device, or paid
-- to one account (HX914); too many tasks of the pair within a day in either direction. NULL: nothing.
CREATE OR REPLACE FUNCTION api.abuse_between(p_poster_id uuid, p_worker_id uuid, p_now timestamptz)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM beta_members a JOIN beta_members b ON a.device_hash = b.device_hash
                WHERE a.user_id = p_poster_id AND b.user_id = p_worker_id)
       OR EXISTS (SELECT 1 FROM users a JOIN users b ON a.stripe_connect_id = b.stripe_connect_id
                   WHERE a.id = p_poster_id AND b.id = p_worker_id) THEN
        RETURN 'HX914';
    END IF;
    IF (SELECT count(*) FROM tasks WHERE accepted_at > p_now - interval '24 hours'
              AND ((poster_id = p_poster_id AND worker_id = p_worker_id)
                   OR (poster_id = p_worker_id AND worker_id = p_poster_id))) >= api.rule('max_tasks_per_pair_per_day') THEN
        RETURN 'CONFLICT';
    END IF;
    RETURN NULL;
END $$;

-- Whether a worker takes nothing more for now: too many tasks at once (ELG-13), too much XP within a day or an hour.
CREATE OR REPLACE FUNCTION api.has_enough_work(p_worker_id uuid, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM tasks WHERE worker_id = p_worker_id
               AND state IN ('ACCEPTED', 'PROOF_SUBMITTED', 'DISPUTED')) >= api.rule('max_active_tasks_per_hustler')
       OR coalesce((SELECT sum(effective_xp) FROM xp_ledger WHERE user_id = p_worker_id
                       AND awarded_at > p_now - interval '24 hours'), 0) >= api.rule('max_xp_per_day')
       OR coalesce((SELECT sum(effective_xp) FROM xp_ledger WHERE user_id = p_worker_id
                       AND awarded_at > p_now - interval '1 hour'), 0) >= api.rule('max_xp_per_hour');
END $$;

-- Task and escrow are locked by the caller. Answers the code of the refusal, or NULL.
CREATE OR REPLACE FUNCTION api.abuse_in_accept(p_poster_id uuid, p_worker_id uuid, p_now timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_between text;
BEGIN
    IF NOT api.flag('abuse_guards') THEN RETURN NULL; END IF;
    PERFORM 1 FROM users WHERE id IN (p_poster_id, p_worker_id) ORDER BY id FOR NO KEY UPDATE;
    v_between := api.abuse_between(p_poster_id, p_worker_id, p_now);
    IF v_between IS NOT NULL THEN RETURN v_between; END IF;
    IF api.has_enough_work(p_worker_id, p_now) THEN RETURN 'CONFLICT'; END IF;
    RETURN NULL;
END $$;
