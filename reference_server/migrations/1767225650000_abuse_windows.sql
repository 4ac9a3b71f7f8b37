-- Up Migration
-- What is counted within a day or an hour while the guards are on (safety-and-abuse.md §3.6).

-- Which tasks their own posters cancelled; a verdict or an admin may cancel as well.
CREATE TABLE poster_cancellations (
    task_id      UUID PRIMARY KEY REFERENCES tasks (id),
    poster_id    UUID NOT NULL REFERENCES users (id),
    cancelled_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_poster_cancellations ON poster_cancellations (poster_id, cancelled_at DESC);
CREATE TRIGGER poster_cancellations_kept BEFORE UPDATE OR DELETE ON poster_cancellations
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER poster_cancellations_no_truncate BEFORE TRUNCATE ON poster_cancellations
    EXECUTE FUNCTION refuse_always('23514');

CREATE INDEX idx_content_reports_owner ON content_reports (reported_content_user_id, reported_at DESC);

INSERT INTO marketplace_rules (key, value, description) VALUES
    ('max_disputes_per_day', '3', 'Disputes that one user opens within 24 hours (FM-200)'),
    ('max_poster_cancels_per_day', '2', 'Tasks that a poster cancels within 24 hours and may still post'),
    ('max_xp_per_hour', '3000', 'XP of one worker within an hour, after which he takes no more')
ON CONFLICT DO NOTHING;

-- Down Migration
DELETE FROM marketplace_rules WHERE key IN ('max_disputes_per_day', 'max_poster_cancels_per_day', 'max_xp_per_hour');
DROP INDEX idx_content_reports_owner;
DROP TABLE poster_cancellations;
