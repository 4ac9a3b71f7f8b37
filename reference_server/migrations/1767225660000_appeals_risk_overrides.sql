-- Up Migration
-- Appeals, removed strikes, risk scores, and a second admin for much money (safety-and-abuse.md §1.2, §2.2, §3, §7.1).

-- A strike stays in the record; that it counts no more is a row of its own.
CREATE TABLE strike_removals (
    strike_id  UUID PRIMARY KEY REFERENCES user_strikes (id),
    removed_by UUID NOT NULL REFERENCES users (id),
    reason     TEXT NOT NULL,
    removed_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TRIGGER strike_removals_kept BEFORE UPDATE OR DELETE ON strike_removals
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER strike_removals_no_truncate BEFORE TRUNCATE ON strike_removals EXECUTE FUNCTION refuse_always('23514');

-- SAF-19: nobody removes his own.
CREATE FUNCTION check_strike_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM user_strikes WHERE id = NEW.strike_id AND user_id = NEW.removed_by) THEN
        PERFORM refuse('23514', 'nobody removes a strike of his own', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER strike_removals_by_another BEFORE INSERT ON strike_removals
    FOR EACH ROW EXECUTE FUNCTION check_strike_removal();

CREATE TABLE content_appeals (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    moderation_queue_id UUID REFERENCES content_moderation_queue (id) ON DELETE CASCADE,
    original_decision   VARCHAR(20) NOT NULL,
    original_reviewer   UUID REFERENCES users (id) ON DELETE SET NULL,
    user_id             UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    appeal_reason       TEXT NOT NULL,
    status              VARCHAR(20) DEFAULT 'pending' CHECK (status IN ('pending', 'reviewing', 'upheld', 'overturned')),
    reviewed_by         UUID REFERENCES users (id) ON DELETE SET NULL,
    reviewed_at         TIMESTAMPTZ,
    review_decision     VARCHAR(20),
    review_notes        TEXT,
    submitted_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    deadline            TIMESTAMPTZ NOT NULL,
    CONSTRAINT content_appeals_once UNIQUE (moderation_queue_id),
    -- HX954, and SAF-19.
    CONSTRAINT content_appeals_other_reviewer CHECK (reviewed_by <> original_reviewer AND reviewed_by <> user_id),
    CONSTRAINT content_appeals_in_time CHECK (submitted_at <= deadline)
);
CREATE INDEX idx_content_appeals_status ON content_appeals (status, submitted_at DESC);
CREATE INDEX idx_content_appeals_user ON content_appeals (user_id, submitted_at DESC);

-- What is decided stays decided.
CREATE FUNCTION check_appeal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('upheld', 'overturned')
       OR (OLD.moderation_queue_id, OLD.original_decision, OLD.user_id, OLD.appeal_reason, OLD.submitted_at, OLD.deadline)
          IS DISTINCT FROM
          (NEW.moderation_queue_id, NEW.original_decision, NEW.user_id, NEW.appeal_reason, NEW.submitted_at, NEW.deadline) THEN
        PERFORM refuse('23514', 'an appeal keeps what was asked and what was decided', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER content_appeals_fixed BEFORE UPDATE ON content_appeals
    FOR EACH ROW EXECUTE FUNCTION check_appeal_change();

-- What integrations know of a user beyond the marketplace's own rows.
CREATE TABLE user_risk_facts (
    user_id              UUID PRIMARY KEY REFERENCES users (id),
    devices              INTEGER NOT NULL DEFAULT 0 CHECK (devices >= 0),
    addresses            INTEGER NOT NULL DEFAULT 0 CHECK (addresses >= 0),
    chargebacks          INTEGER NOT NULL DEFAULT 0 CHECK (chargebacks >= 0),
    card_risk_hundredths INTEGER NOT NULL DEFAULT 0 CHECK (card_risk_hundredths BETWEEN 0 AND 100),
    updated_at           TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The history of scores: the latest row of an entity counts.
CREATE TABLE fraud_risk_scores (
    id               UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    entity_type      VARCHAR(20) NOT NULL CHECK (entity_type IN ('user', 'task', 'transaction')),
    entity_id        UUID NOT NULL,
    risk_score       NUMERIC(3,2) NOT NULL CHECK (risk_score BETWEEN 0.0 AND 1.0),
    risk_level       VARCHAR(20) NOT NULL CHECK (risk_level IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    component_scores JSONB NOT NULL DEFAULT '{}',
    flags            TEXT[] DEFAULT '{}',
    status           VARCHAR(20) DEFAULT 'active' CHECK (status IN ('active', 'reviewed', 'resolved', 'dismissed')),
    reviewed_by      UUID REFERENCES users (id) ON DELETE SET NULL,
    reviewed_at      TIMESTAMPTZ,
    review_notes     TEXT,
    calculated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at       TIMESTAMPTZ,
    CONSTRAINT fraud_risk_scores_entity_type_entity_id_calculated_at_key UNIQUE (entity_type, entity_id, calculated_at)
);
CREATE INDEX idx_fraud_risk_entity ON fraud_risk_scores (entity_type, entity_id, calculated_at DESC);
CREATE INDEX idx_fraud_risk_review ON fraud_risk_scores (status) WHERE status IN ('active', 'reviewed');
CREATE INDEX idx_fraud_risk_score ON fraud_risk_scores (risk_score DESC) WHERE status = 'active';

CREATE FUNCTION check_risk_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.entity_type, OLD.entity_id, OLD.risk_score, OLD.risk_level, OLD.component_scores, OLD.calculated_at)
       IS DISTINCT FROM
       (NEW.entity_type, NEW.entity_id, NEW.risk_score, NEW.risk_level, NEW.component_scores, NEW.calculated_at) THEN
        PERFORM refuse('23514', 'a score that was computed does not change', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fraud_risk_scores_fixed BEFORE UPDATE ON fraud_risk_scores
    FOR EACH ROW EXECUTE FUNCTION check_risk_change();
CREATE TRIGGER fraud_risk_scores_no_delete BEFORE DELETE ON fraud_risk_scores
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER fraud_risk_scores_no_truncate BEFORE TRUNCATE ON fraud_risk_scores EXECUTE FUNCTION refuse_always('23514');

-- SAF-21: what another admin agreed to, and the answers that were given under a key.
CREATE TABLE override_approvals (
    approved_by     UUID NOT NULL REFERENCES users (id),
    idempotency_key VARCHAR(255) NOT NULL,
    escrow_id       UUID NOT NULL REFERENCES escrows (id),
    act             VARCHAR(20) NOT NULL CHECK (act IN ('release', 'refund')),
    reason          TEXT NOT NULL,
    approved_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (approved_by, idempotency_key)
);
CREATE INDEX idx_override_approvals_escrow ON override_approvals (escrow_id, act, approved_at DESC);
CREATE TRIGGER override_approvals_kept BEFORE UPDATE OR DELETE ON override_approvals
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER override_approvals_no_truncate BEFORE TRUNCATE ON override_approvals
    EXECUTE FUNCTION refuse_always('23514');

CREATE TABLE money_overrides (
    admin_user_id   UUID NOT NULL REFERENCES users (id),
    idempotency_key VARCHAR(255) NOT NULL,
    escrow_id       UUID NOT NULL REFERENCES escrows (id),
    act             VARCHAR(20) NOT NULL CHECK (act IN ('release', 'refund')),
    reason          TEXT NOT NULL,
    answer          JSONB NOT NULL,
    performed_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (admin_user_id, idempotency_key)
);
CREATE TRIGGER money_overrides_kept BEFORE UPDATE OR DELETE ON money_overrides
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER money_overrides_no_truncate BEFORE TRUNCATE ON money_overrides EXECUTE FUNCTION refuse_always('23514');

INSERT INTO marketplace_rules (key, value, description) VALUES
    ('max_override_alone_cents', '50000', 'Money that one admin moves without another one (SAF-21)'),
    ('max_risk_to_accept', '70', 'Hundredths of risk with which a worker may accept (ELG-16)')
ON CONFLICT DO NOTHING;

-- Down Migration
DELETE FROM marketplace_rules WHERE key IN ('max_override_alone_cents', 'max_risk_to_accept');
DROP TABLE money_overrides;
DROP TABLE override_approvals;
DROP TABLE fraud_risk_scores;
DROP FUNCTION check_risk_change();
DROP TABLE user_risk_facts;
DROP TABLE content_appeals;
DROP FUNCTION check_appeal_change();
DROP TABLE strike_removals;
DROP FUNCTION check_strike_removal();
