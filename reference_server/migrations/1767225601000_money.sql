-- Up Migration
-- Money and what must be proved before it moves (schema.md §1): escrows, proofs, disputes, ledgers, events, payouts.
-- Added to the public schema: amounts only in a split (Q06), one open proof and one open dispute per task (G13),
-- unique photo numbers (schema.md §6), reviewer <> submitter (G12).

CREATE FUNCTION is_escrow_state(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('PENDING', 'FUNDED', 'LOCKED_DISPUTE', 'RELEASED', 'REFUNDED', 'REFUND_PARTIAL');
END $$;
CREATE FUNCTION escrow_split_adds_up(state TEXT, amount INTEGER, refund INTEGER, release INTEGER)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN state <> 'REFUND_PARTIAL' OR (refund IS NOT NULL AND release IS NOT NULL AND refund + release = amount);
END $$;

CREATE TABLE escrows (
    id                       UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id                  UUID NOT NULL UNIQUE REFERENCES tasks (id),
    amount                   INTEGER NOT NULL CHECK (amount > 0),
    state                    VARCHAR(20) NOT NULL DEFAULT 'PENDING'
                             CHECK (is_escrow_state(state)),
    refund_amount            INTEGER CHECK (refund_amount >= 0),
    release_amount           INTEGER CHECK (release_amount >= 0),
    stripe_payment_intent_id VARCHAR(255),
    stripe_transfer_id       VARCHAR(255),
    stripe_refund_id         VARCHAR(255),
    funded_at                TIMESTAMPTZ,
    released_at              TIMESTAMPTZ,
    refunded_at              TIMESTAMPTZ,
    created_at               TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at               TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT escrow_partial_sum_check CHECK (escrow_split_adds_up(state, amount, refund_amount, release_amount)),
    CONSTRAINT escrow_amounts_only_in_split CHECK (
        state = 'REFUND_PARTIAL' OR (refund_amount IS NULL AND release_amount IS NULL))
);

CREATE INDEX idx_escrows_state ON escrows (state);
CREATE INDEX idx_escrows_stripe_pi ON escrows (stripe_payment_intent_id);
CREATE INDEX idx_escrows_task ON escrows (task_id);

CREATE FUNCTION is_proof_state(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('PENDING', 'SUBMITTED', 'ACCEPTED', 'REJECTED', 'EXPIRED');
END $$;

CREATE TABLE proofs (
    id               UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id          UUID NOT NULL REFERENCES tasks (id),
    submitter_id     UUID NOT NULL REFERENCES users (id),
    state            VARCHAR(20) NOT NULL DEFAULT 'PENDING'
                     CHECK (is_proof_state(state)),
    description      TEXT,
    reviewed_by      UUID REFERENCES users (id),
    reviewed_at      TIMESTAMPTZ,
    rejection_reason TEXT,
    submitted_at     TIMESTAMPTZ,
    review_deadline  TIMESTAMPTZ,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT proofs_reviewer_is_not_submitter CHECK (reviewed_by <> submitter_id)
);

CREATE INDEX idx_proofs_review_deadline ON proofs (review_deadline) WHERE state = 'SUBMITTED';
CREATE INDEX idx_proofs_state ON proofs (state);
CREATE INDEX idx_proofs_submitter ON proofs (submitter_id);
CREATE INDEX idx_proofs_task ON proofs (task_id);
CREATE UNIQUE INDEX proofs_one_open_per_task ON proofs (task_id) WHERE state IN ('PENDING', 'SUBMITTED');

CREATE TABLE proof_photos (
    id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    proof_id        UUID NOT NULL REFERENCES proofs (id) ON DELETE CASCADE,
    storage_key     VARCHAR(500) NOT NULL,
    content_type    VARCHAR(100) NOT NULL,
    file_size_bytes BIGINT NOT NULL,
    checksum_sha256 VARCHAR(64) NOT NULL,
    capture_time    TIMESTAMPTZ,
    sequence_number INTEGER DEFAULT 1 CHECK (sequence_number BETWEEN 1 AND 5),
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (proof_id, sequence_number)
);

CREATE INDEX idx_proof_photos_proof ON proof_photos (proof_id);

CREATE TABLE xp_ledger (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id             UUID NOT NULL REFERENCES users (id),
    task_id             UUID NOT NULL REFERENCES tasks (id),
    escrow_id           UUID NOT NULL REFERENCES escrows (id),
    base_xp             INTEGER NOT NULL CHECK (base_xp > 0),
    streak_multiplier   NUMERIC(3,2) NOT NULL DEFAULT 1.00,
    decay_factor        NUMERIC(6,4) NOT NULL DEFAULT 1.0000,
    effective_xp        INTEGER NOT NULL CHECK (effective_xp > 0),
    reason              VARCHAR(50) NOT NULL DEFAULT 'task_completion',
    user_xp_before      INTEGER NOT NULL,
    user_xp_after       INTEGER NOT NULL,
    user_level_before   INTEGER NOT NULL,
    user_level_after    INTEGER NOT NULL,
    user_streak_at_award INTEGER NOT NULL,
    awarded_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT xp_ledger_escrow_unique UNIQUE (escrow_id)
);

CREATE INDEX idx_xp_ledger_awarded ON xp_ledger (awarded_at DESC);
CREATE INDEX idx_xp_ledger_task ON xp_ledger (task_id);
CREATE INDEX idx_xp_ledger_user ON xp_ledger (user_id);

CREATE TABLE trust_ledger (
    id             UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id        UUID NOT NULL REFERENCES users (id),
    old_tier       INTEGER NOT NULL CHECK (old_tier BETWEEN 1 AND 4),
    new_tier       INTEGER NOT NULL CHECK (new_tier BETWEEN 1 AND 4),
    reason         VARCHAR(100) NOT NULL,
    reason_details JSONB,
    task_id        UUID REFERENCES tasks (id),
    dispute_id     UUID,
    changed_by     VARCHAR(100) NOT NULL,
    changed_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_trust_ledger_changed ON trust_ledger (changed_at DESC);
CREATE INDEX idx_trust_ledger_user ON trust_ledger (user_id);

CREATE TABLE badges (
    id                 UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id            UUID NOT NULL REFERENCES users (id),
    badge_type         VARCHAR(50) NOT NULL,
    badge_tier         INTEGER NOT NULL CHECK (badge_tier BETWEEN 1 AND 4),
    animation_shown_at TIMESTAMPTZ,
    awarded_for        VARCHAR(100),
    task_id            UUID REFERENCES tasks (id),
    awarded_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT badges_user_type_unique UNIQUE (user_id, badge_type)
);

CREATE INDEX idx_badges_type ON badges (badge_type);
CREATE INDEX idx_badges_user ON badges (user_id);

CREATE TABLE disputes (
    id                     UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id                UUID NOT NULL REFERENCES tasks (id),
    escrow_id              UUID NOT NULL REFERENCES escrows (id),
    initiated_by           UUID NOT NULL REFERENCES users (id),
    poster_id              UUID NOT NULL REFERENCES users (id),
    worker_id              UUID NOT NULL REFERENCES users (id),
    state                  VARCHAR(20) NOT NULL DEFAULT 'OPEN'
                           CHECK (state IN ('OPEN', 'EVIDENCE_REQUESTED', 'RESOLVED', 'ESCALATED')),
    reason                 VARCHAR(100) NOT NULL,
    description            TEXT NOT NULL,
    resolution             VARCHAR(50),
    resolution_notes       TEXT,
    resolved_by            UUID REFERENCES users (id),
    resolved_at            TIMESTAMPTZ,
    outcome_escrow_action  VARCHAR(20) CHECK (outcome_escrow_action IN ('RELEASE', 'REFUND', 'SPLIT')),
    outcome_worker_penalty BOOLEAN DEFAULT false,
    outcome_poster_penalty BOOLEAN DEFAULT false,
    created_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT disputes_initiator_is_party CHECK (initiated_by IN (poster_id, worker_id)),
    CONSTRAINT disputes_resolver_is_neutral CHECK (resolved_by <> poster_id AND resolved_by <> worker_id)
);

CREATE INDEX idx_disputes_initiated ON disputes (initiated_by);
CREATE INDEX idx_disputes_state ON disputes (state);
CREATE INDEX idx_disputes_task ON disputes (task_id);
CREATE UNIQUE INDEX disputes_one_open_per_task ON disputes (task_id) WHERE state <> 'RESOLVED';

CREATE TABLE processed_stripe_events (
    event_id      VARCHAR(255) PRIMARY KEY,
    event_type    VARCHAR(100) NOT NULL,
    processed_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    result        VARCHAR(50) NOT NULL,
    error_message TEXT
);

CREATE INDEX idx_stripe_events_processed ON processed_stripe_events (processed_at DESC);

CREATE TABLE admin_actions (
    id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    admin_user_id     UUID NOT NULL REFERENCES users (id),
    admin_role        VARCHAR(50) NOT NULL,
    action_type       VARCHAR(100) NOT NULL,
    action_details    JSONB NOT NULL,
    target_user_id    UUID REFERENCES users (id),
    target_task_id    UUID REFERENCES tasks (id),
    target_escrow_id  UUID REFERENCES escrows (id),
    target_dispute_id UUID REFERENCES disputes (id),
    result            VARCHAR(50) NOT NULL,
    result_details    JSONB,
    performed_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_admin_actions_admin ON admin_actions (admin_user_id);
CREATE INDEX idx_admin_actions_performed ON admin_actions (performed_at DESC);
CREATE INDEX idx_admin_actions_type ON admin_actions (action_type);

-- Down Migration
DROP TABLE admin_actions;
DROP TABLE processed_stripe_events;
DROP TABLE disputes;
DROP TABLE badges;
DROP TABLE trust_ledger;
DROP TABLE xp_ledger;
DROP TABLE proof_photos;
DROP TABLE proofs;
DROP FUNCTION is_proof_state(TEXT);
DROP TABLE escrows;
DROP FUNCTION escrow_split_adds_up(TEXT, INTEGER, INTEGER, INTEGER);
DROP FUNCTION is_escrow_state(TEXT);
