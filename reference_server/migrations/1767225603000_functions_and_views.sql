-- Up Migration
-- The three calculation functions (money.md §5), the views that the money core reads (schema.md §3) and the
-- updated_at triggers (schema.md §2) for the tables that exist here.

CREATE FUNCTION calculate_level(xp INTEGER) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN xp >= 18500 THEN 10 WHEN xp >= 10500 THEN 9 WHEN xp >= 7000 THEN 8 WHEN xp >= 4500 THEN 7
                WHEN xp >= 2700 THEN 6 WHEN xp >= 1500 THEN 5 WHEN xp >= 700 THEN 4 WHEN xp >= 300 THEN 3
                WHEN xp >= 100 THEN 2 ELSE 1 END
$$;

CREATE FUNCTION calculate_xp_decay(total_xp INTEGER) RETURNS NUMERIC(6,4) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(1 / (1 + log(1 + greatest(total_xp, 0)::numeric / 1000)), 4)
$$;

CREATE FUNCTION calculate_streak_multiplier(days INTEGER) RETURNS NUMERIC(3,2) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN days >= 30 THEN 1.50 WHEN days >= 14 THEN 1.30 WHEN days >= 7 THEN 1.20 WHEN days >= 3 THEN 1.10
                ELSE 1.00 END
$$;

CREATE VIEW user_rating_summary AS
SELECT ratee_id AS user_id,
       count(*) AS total_ratings,
       round(avg(stars), 2) AS avg_rating,
       count(*) FILTER (WHERE stars = 5) AS five_star_count,
       count(*) FILTER (WHERE stars = 4) AS four_star_count,
       count(*) FILTER (WHERE stars = 3) AS three_star_count,
       count(*) FILTER (WHERE stars = 2) AS two_star_count,
       count(*) FILTER (WHERE stars = 1) AS one_star_count,
       count(comment) AS commented_count,
       max(created_at) AS last_rating_at
  FROM task_ratings WHERE is_public GROUP BY ratee_id;

CREATE VIEW money_timeline AS
SELECT e.id,
       t.worker_id,
       e.amount AS amount_cents,
       e.state AS escrow_state,
       e.released_at,
       t.id AS task_id,
       t.title AS task_title,
       t.state AS task_state,
       CASE WHEN e.state = 'RELEASED' AND e.released_at > now() - interval '24 hours' THEN 'TODAY'
            WHEN e.state = 'RELEASED' THEN 'AVAILABLE'
            WHEN e.state = 'FUNDED' AND t.state IN ('ACCEPTED', 'PROOF_SUBMITTED') THEN 'COMING_SOON'
            WHEN e.state = 'LOCKED_DISPUTE' THEN 'BLOCKED'
            ELSE 'PENDING' END AS timeline_category,
       CASE WHEN e.state = 'FUNDED' AND t.state = 'ACCEPTED' THEN 'In progress'
            WHEN e.state = 'FUNDED' AND t.state = 'PROOF_SUBMITTED' THEN 'Awaiting review'
            WHEN e.state = 'LOCKED_DISPUTE' THEN 'Under dispute' END AS status_context
  FROM escrows e JOIN tasks t ON t.id = e.task_id WHERE t.worker_id IS NOT NULL;

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;

CREATE TRIGGER users_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER tasks_updated_at BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER escrows_updated_at BEFORE UPDATE ON escrows FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER proofs_updated_at BEFORE UPDATE ON proofs FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER disputes_updated_at BEFORE UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER ai_jobs_updated_at BEFORE UPDATE ON ai_jobs FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER evidence_updated_at BEFORE UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER task_ratings_updated_at BEFORE UPDATE ON task_ratings FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER transfer_retry_queue_updated_at BEFORE UPDATE ON transfer_retry_queue
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- Down Migration
DROP TRIGGER transfer_retry_queue_updated_at ON transfer_retry_queue;
DROP TRIGGER task_ratings_updated_at ON task_ratings;
DROP TRIGGER evidence_updated_at ON evidence;
DROP TRIGGER ai_jobs_updated_at ON ai_jobs;
DROP TRIGGER disputes_updated_at ON disputes;
DROP TRIGGER proofs_updated_at ON proofs;
DROP TRIGGER escrows_updated_at ON escrows;
DROP TRIGGER tasks_updated_at ON tasks;
DROP TRIGGER users_updated_at ON users;
DROP FUNCTION set_updated_at();
DROP VIEW money_timeline;
DROP VIEW user_rating_summary;
DROP FUNCTION calculate_streak_multiplier(INTEGER);
DROP FUNCTION calculate_xp_decay(INTEGER);
DROP FUNCTION calculate_level(INTEGER);
