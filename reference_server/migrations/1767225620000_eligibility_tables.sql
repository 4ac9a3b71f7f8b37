-- Up Migration
-- Claims, verification records and the derived capability profile (eligibility.md §2, schema.md §1 B), onboarding,
-- and what a task asks of its worker. verified_trades are unique per profile, trade and state, because licenses are.

-- INV-ELIGIBILITY-6: the 50 states and DC.
CREATE FUNCTION is_us_state(p_state TEXT) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p_state = ANY ('{WA,AL,AK,AZ,AR,CA,CO,CT,DE,DC,FL,GA,HI,ID,IL,IN,IA,KS,KY,LA,ME,MD,MA,MI,MN,MS,MO,MT,NE,NV,NH,NJ,NM,NY,NC,ND,OH,OK,OR,PA,RI,SC,SD,TN,TX,UT,VT,VA,WV,WI,WY}'::text[])
$$;

-- INV-ELIGIBILITY-1.
CREATE FUNCTION clearance_of_tier(p_tier INTEGER) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_tier WHEN 1 THEN ARRAY['low'] WHEN 4 THEN ARRAY['low', 'medium', 'high'] ELSE ARRAY['low', 'medium'] END
$$;

CREATE TABLE capability_claims (
    id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id           UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role              VARCHAR(20) NOT NULL CHECK (role IN ('hustler', 'poster', 'both')),
    claimed_trades    TEXT[] NOT NULL DEFAULT '{}',
    license_claims    JSONB NOT NULL DEFAULT '[]',
    insurance_claimed BOOLEAN NOT NULL DEFAULT false,
    work_state        CHAR(2) NOT NULL CHECK (is_us_state(work_state)),
    work_region       VARCHAR(255),
    risk_preferences  JSONB NOT NULL DEFAULT '{"urgent_jobs": false, "in_home_work": false, "high_risk_tasks": false}',
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT capability_claims_user_id_unique UNIQUE (user_id)
);
CREATE INDEX idx_capability_claims_work_state ON capability_claims (work_state);

CREATE TABLE license_verifications (
    id                    UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id               UUID NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    trade                 VARCHAR(255) NOT NULL,
    state                 CHAR(2) NOT NULL CHECK (is_us_state(state)),
    license_number        VARCHAR(255) NOT NULL,
    license_type          VARCHAR(255),
    status                VARCHAR(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'verified', 'failed', 'expired')),
    verified_at           TIMESTAMPTZ,
    expires_at            TIMESTAMPTZ,
    failure_reason        TEXT,
    source                VARCHAR(20) NOT NULL CHECK (source IN ('registry', 'document', 'manual_review')),
    verification_method   VARCHAR(50),
    verification_provider VARCHAR(255),
    confidence_score      NUMERIC(3,2) CHECK (confidence_score BETWEEN 0 AND 1),
    reviewer_id           UUID REFERENCES users (id) ON DELETE SET NULL,
    review_notes          TEXT,
    created_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT license_verifications_status_expires_check CHECK (status <> 'verified' OR expires_at IS NOT NULL),
    CONSTRAINT license_verifications_status_verified_check CHECK (status <> 'verified' OR verified_at IS NOT NULL),
    CONSTRAINT license_verifications_user_trade_state_unique UNIQUE (user_id, trade, state)
);
CREATE INDEX idx_license_verifications_expires_at ON license_verifications (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_license_verifications_status ON license_verifications (status);

CREATE TABLE capability_profiles (
    user_id                     UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    profile_id                  UUID NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    trust_tier                  INTEGER NOT NULL CHECK (trust_tier IN (1, 2, 3, 4)),
    trust_tier_updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    risk_clearance              TEXT[] NOT NULL DEFAULT ARRAY['low'],
    insurance_valid             BOOLEAN NOT NULL DEFAULT false,
    insurance_expires_at        TIMESTAMPTZ,
    background_check_valid      BOOLEAN NOT NULL DEFAULT false,
    background_check_expires_at TIMESTAMPTZ,
    location_state              CHAR(2) NOT NULL CHECK (is_us_state(location_state)),
    location_city               VARCHAR(255),
    willingness_flags           JSONB NOT NULL DEFAULT '{"urgent_jobs": false, "in_home_work": false, "high_risk_tasks": false}',
    verification_status         JSONB NOT NULL DEFAULT '{}',
    expires_at                  JSONB DEFAULT '{}',
    derived_at                  TIMESTAMPTZ NOT NULL DEFAULT now(),
    created_at                  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                  TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT capability_profiles_risk_clearance_check CHECK (
        risk_clearance @> clearance_of_tier(trust_tier) AND risk_clearance <@ clearance_of_tier(trust_tier))
);
CREATE INDEX idx_capability_profiles_location_state ON capability_profiles (location_state);
CREATE INDEX idx_capability_profiles_risk_clearance_gin ON capability_profiles USING gin (risk_clearance);
CREATE INDEX idx_capability_profiles_trust_tier ON capability_profiles (trust_tier);

CREATE TABLE verified_trades (
    id                      UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    profile_id              UUID NOT NULL REFERENCES capability_profiles (profile_id) ON DELETE CASCADE,
    user_id                 UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    trade                   VARCHAR(255) NOT NULL,
    state                   CHAR(2) NOT NULL CHECK (is_us_state(state)),
    license_verification_id UUID NOT NULL REFERENCES license_verifications (id) ON DELETE RESTRICT,
    verified_at             TIMESTAMPTZ NOT NULL,
    expires_at              TIMESTAMPTZ,
    verification_method     VARCHAR(50) NOT NULL
                            CHECK (verification_method IN ('license_scan', 'certification', 'portfolio', 'test', 'manual_review')),
    CONSTRAINT verified_trades_expires_check CHECK (expires_at > verified_at OR expires_at IS NULL),
    CONSTRAINT verified_trades_license_verification_id_unique UNIQUE (license_verification_id),
    CONSTRAINT verified_trades_profile_trade_unique UNIQUE (profile_id, trade, state)
);
CREATE INDEX idx_verified_trades_expires_at ON verified_trades (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_verified_trades_trade ON verified_trades (trade);
CREATE INDEX idx_verified_trades_user_id ON verified_trades (user_id);

CREATE TABLE insurance_verifications (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id             UUID NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    trade               VARCHAR(255) NOT NULL,
    status              VARCHAR(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'verified', 'failed', 'expired')),
    coverage_amount     INTEGER NOT NULL CHECK (coverage_amount > 0),
    verified_at         TIMESTAMPTZ,
    expires_at          TIMESTAMPTZ,
    failure_reason      TEXT,
    source              VARCHAR(20) NOT NULL CHECK (source IN ('coi_upload', 'manual_review')),
    verification_method VARCHAR(50),
    created_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT insurance_verifications_status_expires_check CHECK (status <> 'verified' OR expires_at IS NOT NULL),
    CONSTRAINT insurance_verifications_status_verified_check CHECK (status <> 'verified' OR verified_at IS NOT NULL),
    CONSTRAINT insurance_verifications_user_trade_unique UNIQUE (user_id, trade)
);
CREATE INDEX idx_insurance_verifications_expires_at ON insurance_verifications (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_insurance_verifications_status ON insurance_verifications (status);

CREATE TABLE background_checks (
    id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id           UUID NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    status            VARCHAR(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'verified', 'failed', 'expired')),
    provider          VARCHAR(255) NOT NULL,
    provider_check_id VARCHAR(255),
    verified_at       TIMESTAMPTZ,
    expires_at        TIMESTAMPTZ,
    failure_reason    TEXT,
    results_encrypted BYTEA,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT background_checks_status_expires_check CHECK (status <> 'verified' OR expires_at IS NOT NULL),
    CONSTRAINT background_checks_status_verified_check CHECK (status <> 'verified' OR verified_at IS NOT NULL)
);
CREATE UNIQUE INDEX background_checks_user_unique_verified ON background_checks (user_id) WHERE status = 'verified';
CREATE UNIQUE INDEX background_checks_user_unique_pending ON background_checks (user_id) WHERE status = 'pending';
CREATE INDEX idx_background_checks_expires_at ON background_checks (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_background_checks_status ON background_checks (status);
CREATE INDEX idx_background_checks_user_id ON background_checks (user_id);

CREATE TABLE onboarding_progress (
    user_id    UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    role       VARCHAR(20) CHECK (role IN ('worker', 'poster')),
    profile    BOOLEAN NOT NULL DEFAULT false,
    tutorial   BOOLEAN NOT NULL DEFAULT false,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE FUNCTION is_urgency(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('standard', 'same_day', 'immediate');
END $$;

-- What a task asks for is known of every task (§2.7, FM-155). The rewrite keeps final rows final.
ALTER TABLE tasks
    ALTER COLUMN task_category TYPE VARCHAR(255) USING coalesce(task_category, category, 'errands'),
    ALTER COLUMN risk_level TYPE VARCHAR(20) USING coalesce(risk_level, 'low'),
    ALTER COLUMN required_trust_tier TYPE INTEGER USING coalesce(required_trust_tier, 1),
    ALTER COLUMN location_state TYPE CHAR(2) USING coalesce(location_state, 'WA');
ALTER TABLE tasks
    ALTER COLUMN task_category SET DEFAULT 'errands', ALTER COLUMN task_category SET NOT NULL,
    ALTER COLUMN risk_level SET DEFAULT 'low', ALTER COLUMN risk_level SET NOT NULL,
    ALTER COLUMN required_trust_tier SET DEFAULT 1, ALTER COLUMN required_trust_tier SET NOT NULL,
    ALTER COLUMN location_state SET DEFAULT 'WA', ALTER COLUMN location_state SET NOT NULL,
    ADD COLUMN urgency VARCHAR(20) NOT NULL DEFAULT 'standard' CHECK (is_urgency(urgency));

-- feed.get: newest open tasks of a state; nearby: open tasks in a box around a point.
CREATE INDEX idx_tasks_feed ON tasks (location_state, created_at DESC, id DESC) WHERE state = 'OPEN';
CREATE INDEX idx_tasks_open_place ON tasks USING gist (point(location_lng::float8, location_lat::float8))
    WHERE state = 'OPEN' AND location_lat IS NOT NULL AND location_lng IS NOT NULL;

-- Down Migration
DROP INDEX idx_tasks_open_place;
DROP INDEX idx_tasks_feed;
ALTER TABLE tasks DROP COLUMN urgency,
    ALTER COLUMN task_category DROP NOT NULL, ALTER COLUMN task_category DROP DEFAULT,
    ALTER COLUMN risk_level DROP NOT NULL, ALTER COLUMN risk_level DROP DEFAULT,
    ALTER COLUMN required_trust_tier DROP NOT NULL, ALTER COLUMN required_trust_tier DROP DEFAULT,
    ALTER COLUMN location_state DROP NOT NULL, ALTER COLUMN location_state DROP DEFAULT;
DROP FUNCTION is_urgency(TEXT);
DROP TABLE onboarding_progress;
DROP TABLE background_checks;
DROP TABLE insurance_verifications;
DROP TABLE verified_trades;
DROP TABLE capability_profiles;
DROP TABLE license_verifications;
DROP TABLE capability_claims;
DROP FUNCTION clearance_of_tier(INTEGER);
DROP FUNCTION is_us_state(TEXT);
