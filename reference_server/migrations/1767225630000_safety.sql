-- Up Migration
-- Standing, switches, flags, invitations, moderation, limits (safety-and-abuse.md). Seeds: gates of the beta and
-- guards against abuse are rows that are off, a deployment turns them on; a missing row counts as on (OPS-13).

ALTER TABLE users
    ADD COLUMN suspended_until   TIMESTAMPTZ,
    ADD COLUMN suspension_reason TEXT,
    ADD COLUMN banned            BOOLEAN NOT NULL DEFAULT false;

-- Why an account stands as it does: append-only, one strike per user and source event (§1.2).
CREATE TABLE user_strikes (
    id                 UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id            UUID NOT NULL REFERENCES users (id),
    severity           INTEGER NOT NULL CHECK (severity BETWEEN 1 AND 3),
    source             VARCHAR(20) NOT NULL CHECK (source IN ('ai', 'manual')),
    source_event       VARCHAR(255) NOT NULL,
    reason             TEXT NOT NULL,
    related_task_id    UUID REFERENCES tasks (id),
    related_dispute_id UUID REFERENCES disputes (id),
    created_by         UUID REFERENCES users (id),
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT user_strikes_event_unique UNIQUE (user_id, source_event)
);
CREATE INDEX idx_user_strikes_user ON user_strikes (user_id, created_at DESC);
CREATE TRIGGER user_strikes_no_delete BEFORE DELETE ON user_strikes
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER user_strikes_no_update BEFORE UPDATE ON user_strikes
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER user_strikes_no_truncate BEFORE TRUNCATE ON user_strikes EXECUTE FUNCTION refuse_always('23514');

-- Decision 13: two switches. An instant's state is the row; its history is in admin_actions.
CREATE TABLE freeze_switches (
    name       VARCHAR(20) PRIMARY KEY CHECK (name IN ('MARKETPLACE', 'REFUNDS')),
    active     BOOLEAN NOT NULL,
    reason     VARCHAR(50),
    note       TEXT,
    changed_by UUID REFERENCES users (id),
    changed_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO freeze_switches (name, active) VALUES ('MARKETPLACE', false), ('REFUNDS', false);

CREATE TABLE IF NOT EXISTS feature_flags (
    key            VARCHAR(100) PRIMARY KEY,
    description    TEXT NOT NULL DEFAULT '',
    enabled_global BOOLEAN NOT NULL DEFAULT false
);
INSERT INTO feature_flags (key, description, enabled_global) VALUES
    ('beta_mode', 'The gates of the beta apply', false),
    ('beta_seattle_only', 'Sign-up, task and proof must be in the city', false),
    ('beta_hustler_invite_required', 'Workers need a code', false),
    ('beta_poster_invite_required', 'Posters need a code', false),
    ('invite_required', 'Both need a code', false),
    ('abuse_guards', 'Task spam, farming and collusion are refused', false)
ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS marketplace_rules (
    city        VARCHAR(100) NOT NULL DEFAULT '',
    key         VARCHAR(100) NOT NULL,
    value       JSONB NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (city, key)
);
INSERT INTO marketplace_rules (key, value, description) VALUES
    ('beta_max_users', '200', 'Accounts that may join the beta (decision 14)'),
    ('beta_max_tasks', '1500', 'Tasks that may be posted in the beta (decision 14)'),
    ('beta_max_escrow_cents', '6000000', 'Money that may be held or asked for in the beta (decision 14)'),
    ('beta_city_capacity_hustler', '500', 'Workers of the city'),
    ('beta_city_capacity_poster', '500', 'Posters of the city'),
    ('max_pending_tasks_per_poster', '10', 'Open tasks of one poster'),
    ('max_active_tasks_per_hustler', '3', 'Accepted tasks of one worker'),
    ('max_tasks_per_pair_per_day', '3', 'Tasks of one poster that one worker takes within 24 hours'),
    ('max_xp_per_day', '10000', 'XP of one worker within 24 hours')
ON CONFLICT DO NOTHING;

CREATE TABLE beta_invites (
    code       VARCHAR(64) PRIMARY KEY CHECK (code = upper(trim(code))),
    role       VARCHAR(20) NOT NULL CHECK (role IN ('hustler', 'poster', 'both')),
    city       VARCHAR(100) NOT NULL DEFAULT 'seattle',
    max_uses   INTEGER NOT NULL CHECK (max_uses > 0),
    uses       INTEGER NOT NULL DEFAULT 0,
    expires_at TIMESTAMPTZ,
    created_by UUID REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT beta_invites_uses_check CHECK (uses BETWEEN 0 AND max_uses)
);
INSERT INTO beta_invites (code, role, max_uses) VALUES
    ('SEATTLE-BETA-2024', 'both', 100), ('HUSTLER-VIP', 'hustler', 25), ('POSTER-EARLY', 'poster', 25);

CREATE TABLE beta_members (
    user_id     UUID PRIMARY KEY REFERENCES users (id),
    role        VARCHAR(20) NOT NULL CHECK (role IN ('hustler', 'poster')),
    city        VARCHAR(100) NOT NULL DEFAULT 'seattle',
    invite_code VARCHAR(64) REFERENCES beta_invites (code),
    device_hash VARCHAR(64),
    joined_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_beta_members_device ON beta_members (device_hash) WHERE device_hash IS NOT NULL;

-- Money that posters were let to pay: a place under the cap, taken before the processor is asked.
CREATE TABLE beta_reservations (
    escrow_id   UUID PRIMARY KEY REFERENCES escrows (id),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    reserved_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE content_moderation_queue (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    content_type        VARCHAR(50) NOT NULL
                        CHECK (content_type IN ('task', 'message', 'rating', 'profile', 'photo')),
    content_id          UUID NOT NULL,
    user_id             UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    content_text        TEXT,
    content_url         TEXT,
    moderation_category VARCHAR(50) NOT NULL,
    severity            VARCHAR(20) NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    ai_confidence       NUMERIC(3,2) CHECK (ai_confidence BETWEEN 0.0 AND 1.0),
    ai_recommendation   VARCHAR(20) CHECK (ai_recommendation IN ('approve', 'flag', 'block')),
    flagged_by          VARCHAR(20) NOT NULL CHECK (flagged_by IN ('ai', 'user_report', 'admin')),
    reporter_user_id    UUID REFERENCES users (id) ON DELETE SET NULL,
    status              VARCHAR(20) DEFAULT 'pending'
                        CHECK (status IN ('pending', 'reviewing', 'approved', 'rejected', 'escalated')),
    reviewed_by         UUID REFERENCES users (id) ON DELETE SET NULL,
    reviewed_at         TIMESTAMPTZ,
    review_decision     VARCHAR(20) CHECK (review_decision IN ('approve', 'reject', 'escalate', 'no_action')),
    review_notes        TEXT,
    flagged_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    sla_deadline        TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_moderation_queue_sla ON content_moderation_queue (sla_deadline) WHERE status = 'pending';
CREATE INDEX idx_moderation_queue_status ON content_moderation_queue (status, severity, flagged_at);
CREATE INDEX idx_moderation_queue_user ON content_moderation_queue (user_id, flagged_at DESC);

CREATE TABLE content_reports (
    id                       UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    content_type             VARCHAR(50) NOT NULL
                             CHECK (content_type IN ('task', 'message', 'rating', 'profile', 'photo')),
    content_id               UUID NOT NULL,
    reported_content_user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reporter_user_id         UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    category                 VARCHAR(50) NOT NULL,
    description              TEXT,
    status                   VARCHAR(20) DEFAULT 'pending'
                             CHECK (status IN ('pending', 'reviewed', 'resolved', 'dismissed')),
    reviewed_by              UUID REFERENCES users (id) ON DELETE SET NULL,
    reviewed_at              TIMESTAMPTZ,
    review_decision          VARCHAR(20),
    review_notes             TEXT,
    reported_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT content_reports_once UNIQUE (content_type, content_id, reporter_user_id)
);
CREATE INDEX idx_content_reports_content ON content_reports (content_type, content_id);
CREATE INDEX idx_content_reports_reporter ON content_reports (reporter_user_id, reported_at DESC);
CREATE INDEX idx_content_reports_status ON content_reports (status, reported_at DESC);

-- The calls of a key that still count. Unlogged: after a crash of the database the windows begin anew.
CREATE UNLOGGED TABLE rate_hits (
    key        TEXT PRIMARY KEY,
    hits       TIMESTAMPTZ[] NOT NULL DEFAULT '{}',
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_rate_hits_expires ON rate_hits (expires_at);

-- Down Migration
DROP TABLE rate_hits;
DROP TABLE content_reports;
DROP TABLE content_moderation_queue;
DROP TABLE beta_reservations;
DROP TABLE beta_members;
DROP TABLE beta_invites;
DROP TABLE marketplace_rules;
DROP TABLE feature_flags;
DROP TABLE freeze_switches;
DROP TABLE user_strikes;
ALTER TABLE users DROP COLUMN banned, DROP COLUMN suspension_reason, DROP COLUMN suspended_until;
