-- Up Migration
-- Who takes part and what they do for each other: schema_versions, users, tasks, admin_roles, task_ratings (schema.md §1).
-- Added to the public schema: users.firebase_uid (schema.md §6), tasks.requires_proof NOT NULL (G7), worker <> poster (G14).

CREATE TABLE schema_versions (
    version    VARCHAR(20) PRIMARY KEY,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_by VARCHAR(100) NOT NULL,
    checksum   VARCHAR(64) NOT NULL,
    notes      TEXT
);

INSERT INTO schema_versions (version, applied_by, checksum, notes) VALUES
    ('1.0.0', 'system', 'INITIAL', 'Core invariants, terminal guards, AI tables'),
    ('1.1.0', 'system', 'CRITICAL_GAPS', 'Live mode, messages, notifications, ratings, fraud, moderation, privacy'),
    ('1.2.0', 'system', 'ELIGIBILITY_SYSTEM_V1', 'Eligibility and nine task columns'),
    ('1.3.0', 'system', 'OPERATIONS_SUPPORT_V1', 'Drafts, transfer retries, proof review deadline')
ON CONFLICT DO NOTHING;

-- PostgreSQL reads the stored text of every CHECK of a table again for each statement that writes to it; what a function
-- in plpgsql says is read once per connection. So the long conditions of tables that are written to much are functions.
CREATE FUNCTION is_user_mode(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('worker', 'poster');
END $$;
CREATE FUNCTION is_certainty_tier(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('STRONG', 'MODERATE', 'WEAK');
END $$;
CREATE FUNCTION is_live_mode_state(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('OFF', 'ACTIVE', 'COOLDOWN', 'PAUSED');
END $$;
CREATE FUNCTION is_account_status(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('ACTIVE', 'PAUSED', 'SUSPENDED');
END $$;

CREATE TABLE users (
    id                            UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    email                         VARCHAR(255) NOT NULL UNIQUE,
    phone                         VARCHAR(20) UNIQUE,
    full_name                     VARCHAR(255) NOT NULL,
    avatar_url                    VARCHAR(500),
    default_mode                  VARCHAR(20) NOT NULL DEFAULT 'worker' CHECK (is_user_mode(default_mode)),
    onboarding_version            VARCHAR(20),
    onboarding_completed_at       TIMESTAMPTZ,
    role_confidence_worker        NUMERIC(5,4),
    role_confidence_poster        NUMERIC(5,4),
    role_certainty_tier           VARCHAR(20) CHECK (is_certainty_tier(role_certainty_tier)),
    role_was_overridden           BOOLEAN DEFAULT false,
    inconsistency_flags           TEXT[],
    risk_tolerance                NUMERIC(4,3),
    urgency_bias                  NUMERIC(4,3),
    authority_expectation         NUMERIC(4,3),
    price_sensitivity             NUMERIC(4,3),
    trust_tier                    INTEGER NOT NULL DEFAULT 1 CHECK (trust_tier BETWEEN 1 AND 4),
    xp_total                      INTEGER NOT NULL DEFAULT 0 CHECK (xp_total >= 0),
    current_level                 INTEGER NOT NULL DEFAULT 1 CHECK (current_level BETWEEN 1 AND 10),
    current_streak                INTEGER NOT NULL DEFAULT 0 CHECK (current_streak >= 0),
    last_task_completed_at        TIMESTAMPTZ,
    streak_grace_expires_at       TIMESTAMPTZ,
    is_verified                   BOOLEAN DEFAULT false,
    verified_at                   TIMESTAMPTZ,
    student_id_verified           BOOLEAN DEFAULT false,
    stripe_customer_id            VARCHAR(255),
    stripe_connect_id             VARCHAR(255),
    xp_visibility_rules           VARCHAR(20) DEFAULT 'ledger',
    trust_ui_density              VARCHAR(20) DEFAULT 'normal',
    copy_tone_variant             VARCHAR(20) DEFAULT 'neutral',
    xp_first_celebration_shown_at TIMESTAMPTZ,
    live_mode_state               VARCHAR(20) DEFAULT 'OFF'
                                  CHECK (is_live_mode_state(live_mode_state)),
    live_mode_session_started_at  TIMESTAMPTZ,
    live_mode_banned_until        TIMESTAMPTZ,
    live_mode_total_tasks         INTEGER DEFAULT 0,
    live_mode_completion_rate     NUMERIC(5,4),
    created_at                    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                    TIMESTAMPTZ NOT NULL DEFAULT now(),
    daily_active_minutes          INTEGER DEFAULT 0,
    last_activity_date            DATE,
    consecutive_active_days       INTEGER DEFAULT 0,
    last_mandatory_break_at       TIMESTAMPTZ,
    account_status                VARCHAR(20) DEFAULT 'ACTIVE'
                                  CHECK (is_account_status(account_status)),
    paused_at                     TIMESTAMPTZ,
    pause_streak_snapshot         INTEGER,
    pause_trust_tier_snapshot     INTEGER,
    firebase_uid                  VARCHAR(128) UNIQUE
);

CREATE INDEX idx_users_default_mode ON users (default_mode);
CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_users_stripe_customer ON users (stripe_customer_id);
CREATE INDEX idx_users_trust_tier ON users (trust_tier);

CREATE FUNCTION is_task_state(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('OPEN', 'ACCEPTED', 'PROOF_SUBMITTED', 'DISPUTED', 'COMPLETED', 'CANCELLED', 'EXPIRED');
END $$;
CREATE FUNCTION is_task_mode(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('STANDARD', 'LIVE');
END $$;
CREATE FUNCTION is_risk_level(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('low', 'medium', 'high', 'critical');
END $$;

CREATE TABLE tasks (
    id                           UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    poster_id                    UUID NOT NULL REFERENCES users (id),
    worker_id                    UUID REFERENCES users (id),
    title                        VARCHAR(255) NOT NULL,
    description                  TEXT NOT NULL,
    requirements                 TEXT,
    location                     VARCHAR(255),
    location_lat                 NUMERIC(10,7),
    location_lng                 NUMERIC(10,7),
    category                     VARCHAR(50),
    price                        INTEGER NOT NULL CHECK (price >= 500),
    scope_hash                   VARCHAR(64),
    state                        VARCHAR(20) NOT NULL DEFAULT 'OPEN'
                                 CHECK (is_task_state(state)),
    mode                         VARCHAR(20) NOT NULL DEFAULT 'STANDARD' CHECK (is_task_mode(mode)),
    live_broadcast_started_at    TIMESTAMPTZ,
    live_broadcast_expired_at    TIMESTAMPTZ,
    live_broadcast_radius_miles  NUMERIC(4,1),
    deadline                     TIMESTAMPTZ,
    accepted_at                  TIMESTAMPTZ,
    proof_submitted_at           TIMESTAMPTZ,
    completed_at                 TIMESTAMPTZ,
    cancelled_at                 TIMESTAMPTZ,
    expired_at                   TIMESTAMPTZ,
    requires_proof               BOOLEAN NOT NULL DEFAULT true,
    proof_instructions           TEXT,
    created_at                   TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                   TIMESTAMPTZ NOT NULL DEFAULT now(),
    task_category                VARCHAR(255),
    risk_level                   VARCHAR(20) CHECK (is_risk_level(risk_level)),
    required_trade               VARCHAR(255),
    required_trust_tier          INTEGER CHECK (required_trust_tier BETWEEN 0 AND 4),
    insurance_required           BOOLEAN NOT NULL DEFAULT false,
    background_check_required    BOOLEAN NOT NULL DEFAULT false,
    location_state               CHAR(2) CHECK (length(location_state) = 2),
    classification_confidence    NUMERIC(3,2) CHECK (classification_confidence BETWEEN 0 AND 1),
    classification_rules_applied JSONB DEFAULT '[]',
    CONSTRAINT tasks_worker_is_not_poster CHECK (worker_id <> poster_id)
);

CREATE INDEX idx_tasks_created ON tasks (created_at DESC);
CREATE INDEX idx_tasks_location_state ON tasks (location_state) WHERE location_state IS NOT NULL;
CREATE INDEX idx_tasks_poster ON tasks (poster_id);
CREATE INDEX idx_tasks_required_trade ON tasks (required_trade) WHERE required_trade IS NOT NULL;
CREATE INDEX idx_tasks_required_trust_tier ON tasks (required_trust_tier) WHERE required_trust_tier IS NOT NULL;
CREATE INDEX idx_tasks_risk_level ON tasks (risk_level) WHERE risk_level IS NOT NULL;
CREATE INDEX idx_tasks_state ON tasks (state);
CREATE INDEX idx_tasks_worker ON tasks (worker_id);

CREATE TABLE admin_roles (
    id                    UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id               UUID NOT NULL UNIQUE REFERENCES users (id),
    role                  VARCHAR(50) NOT NULL CHECK (role IN ('support', 'moderator', 'admin', 'founder')),
    can_resolve_disputes  BOOLEAN DEFAULT false,
    can_override_escrow   BOOLEAN DEFAULT false,
    can_modify_trust      BOOLEAN DEFAULT false,
    can_ban_users         BOOLEAN DEFAULT false,
    can_access_financials BOOLEAN DEFAULT false,
    granted_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    granted_by            UUID REFERENCES users (id)
);

CREATE INDEX idx_admin_roles_user ON admin_roles (user_id);

CREATE TABLE task_ratings (
    id            UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id       UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    rater_id      UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    ratee_id      UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    stars         INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    comment       TEXT CHECK (comment IS NULL OR length(comment) <= 500),
    tags          TEXT[],
    is_public     BOOLEAN DEFAULT true,
    is_blind      BOOLEAN DEFAULT true,
    is_auto_rated BOOLEAN DEFAULT false,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (task_id, rater_id, ratee_id)
);

CREATE INDEX idx_ratings_public ON task_ratings (ratee_id, is_public) WHERE is_public = true;
CREATE INDEX idx_ratings_ratee ON task_ratings (ratee_id, created_at DESC);
CREATE INDEX idx_ratings_task ON task_ratings (task_id);

-- Down Migration
DROP TABLE task_ratings;
DROP TABLE admin_roles;
DROP TABLE tasks;
DROP FUNCTION is_risk_level(TEXT);
DROP FUNCTION is_task_mode(TEXT);
DROP FUNCTION is_task_state(TEXT);
DROP TABLE users;
DROP FUNCTION is_account_status(TEXT);
DROP FUNCTION is_live_mode_state(TEXT);
DROP FUNCTION is_certainty_tier(TEXT);
DROP FUNCTION is_user_mode(TEXT);
DROP TABLE schema_versions;
