-- Up Migration
-- What happens after a commit and what supports a dispute: payout retries, the outbox
-- (jobs-cache-realtime.md §2), evidence with the AI tables it refers to (schema.md §1 E).

CREATE TABLE transfer_retry_queue (
    id                 UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    escrow_id          UUID NOT NULL REFERENCES escrows (id),
    task_id            UUID NOT NULL REFERENCES tasks (id),
    worker_id          UUID NOT NULL REFERENCES users (id),
    amount             INTEGER NOT NULL CHECK (amount > 0),
    stripe_transfer_id VARCHAR(255),
    status             VARCHAR(20) NOT NULL DEFAULT 'PENDING'
                       CHECK (status IN ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED_PERMANENT', 'CANCELLED')),
    attempt_count      INTEGER NOT NULL DEFAULT 0,
    max_attempts       INTEGER NOT NULL DEFAULT 5,
    last_error_code    VARCHAR(100),
    last_error_message TEXT,
    error_history      JSONB DEFAULT '[]',
    next_retry_at      TIMESTAMPTZ,
    last_attempt_at    TIMESTAMPTZ,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at       TIMESTAMPTZ
);

CREATE INDEX idx_transfer_retry_queue_escrow ON transfer_retry_queue (escrow_id);
CREATE INDEX idx_transfer_retry_queue_status ON transfer_retry_queue (status, next_retry_at) WHERE status = 'PENDING';
CREATE INDEX idx_transfer_retry_queue_worker ON transfer_retry_queue (worker_id, status);
CREATE UNIQUE INDEX transfer_retry_queue_escrow_unique ON transfer_retry_queue (escrow_id)
    WHERE status IN ('PENDING', 'PROCESSING');

CREATE FUNCTION is_outbox_status(word TEXT) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN word IN ('pending', 'enqueued', 'processed', 'failed');
END $$;

-- One row per intended call of the payment processor, written in the transaction of its cause (JCR-2).
-- event_name: payout, refund or cancel_intent; idempotency_key: tr:<escrow>, re:<escrow>, ... (money.md §2).
-- A relay claims a due row (pending, available_at reached) by moving it to enqueued and available_at to the end of
-- its lease; a row whose lease has run out is due again, so a crash between claim and call loses nothing.
CREATE TABLE outbox_events (
    id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    aggregate_type    VARCHAR(50) NOT NULL,
    aggregate_id      UUID NOT NULL,
    aggregate_version INTEGER NOT NULL DEFAULT 1,
    event_name        VARCHAR(100) NOT NULL,
    payload           JSONB NOT NULL DEFAULT '{}',
    signature         VARCHAR(128),
    idempotency_key   VARCHAR(255) NOT NULL UNIQUE,
    status            VARCHAR(20) NOT NULL DEFAULT 'pending'
                      CHECK (is_outbox_status(status)),
    attempts          INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error        TEXT,
    available_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    processed_at      TIMESTAMPTZ
);

CREATE INDEX idx_outbox_events_due ON outbox_events (available_at) WHERE status IN ('pending', 'enqueued');
CREATE INDEX idx_outbox_events_aggregate ON outbox_events (aggregate_id);

CREATE TABLE ai_events (
    id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    subsystem       VARCHAR(50) NOT NULL,
    event_type      VARCHAR(50) NOT NULL,
    actor_user_id   UUID REFERENCES users (id),
    subject_user_id UUID REFERENCES users (id),
    task_id         UUID REFERENCES tasks (id),
    dispute_id      UUID REFERENCES disputes (id),
    payload         JSONB NOT NULL,
    payload_hash    VARCHAR(64) NOT NULL,
    schema_version  VARCHAR(20) NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_ai_events_actor ON ai_events (actor_user_id);
CREATE INDEX idx_ai_events_created ON ai_events (created_at DESC);
CREATE INDEX idx_ai_events_subsystem ON ai_events (subsystem);

CREATE TABLE ai_jobs (
    id             UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id       UUID NOT NULL REFERENCES ai_events (id),
    subsystem      VARCHAR(50) NOT NULL,
    status         VARCHAR(20) NOT NULL DEFAULT 'PENDING'
                   CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'TIMED_OUT', 'KILLED')),
    model_provider VARCHAR(50),
    model_id       VARCHAR(100),
    prompt_version VARCHAR(20),
    started_at     TIMESTAMPTZ,
    completed_at   TIMESTAMPTZ,
    timeout_ms     INTEGER DEFAULT 30000,
    attempt_count  INTEGER DEFAULT 0,
    max_attempts   INTEGER DEFAULT 3,
    last_error     TEXT,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_ai_jobs_event ON ai_jobs (event_id);
CREATE INDEX idx_ai_jobs_status ON ai_jobs (status);
CREATE INDEX idx_ai_jobs_subsystem ON ai_jobs (subsystem);

CREATE TABLE ai_proposals (
    id             UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id         UUID NOT NULL REFERENCES ai_jobs (id),
    proposal_type  VARCHAR(50) NOT NULL,
    proposal       JSONB NOT NULL,
    proposal_hash  VARCHAR(64) NOT NULL,
    confidence     NUMERIC(5,4),
    certainty_tier VARCHAR(20),
    anomaly_flags  TEXT[],
    schema_version VARCHAR(20) NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_ai_proposals_job ON ai_proposals (job_id);
CREATE INDEX idx_ai_proposals_type ON ai_proposals (proposal_type);

CREATE TABLE ai_decisions (
    id           UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    proposal_id  UUID NOT NULL REFERENCES ai_proposals (id),
    accepted     BOOLEAN NOT NULL,
    reason_codes TEXT[] NOT NULL,
    writes       JSONB,
    final_author VARCHAR(100) NOT NULL,
    decided_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_ai_decisions_accepted ON ai_decisions (accepted);
CREATE INDEX idx_ai_decisions_proposal ON ai_decisions (proposal_id);

CREATE TABLE evidence (
    id                     UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_id                UUID REFERENCES tasks (id),
    dispute_id             UUID REFERENCES disputes (id),
    proof_id               UUID REFERENCES proofs (id),
    uploader_user_id       UUID NOT NULL REFERENCES users (id),
    requested_by           VARCHAR(20) NOT NULL CHECK (requested_by IN ('system', 'poster', 'admin')),
    request_reason_codes   TEXT[] NOT NULL,
    ai_request_proposal_id UUID REFERENCES ai_proposals (id),
    storage_key            VARCHAR(500) NOT NULL,
    content_type           VARCHAR(100) NOT NULL,
    file_size_bytes        BIGINT NOT NULL,
    checksum_sha256        VARCHAR(64) NOT NULL,
    capture_time           TIMESTAMPTZ,
    device_metadata        JSONB,
    access_scope           VARCHAR(20) NOT NULL DEFAULT 'restricted'
                           CHECK (access_scope IN ('uploader_only', 'restricted', 'dispute_reviewers', 'admin_only')),
    retention_deadline     TIMESTAMPTZ NOT NULL,
    legal_hold             BOOLEAN DEFAULT false,
    deleted_at             TIMESTAMPTZ,
    moderation_status      VARCHAR(20) DEFAULT 'pending'
                           CHECK (moderation_status IN ('pending', 'approved', 'flagged', 'quarantined')),
    moderation_flags       TEXT[],
    created_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at             TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_evidence_dispute ON evidence (dispute_id);
CREATE INDEX idx_evidence_moderation ON evidence (moderation_status) WHERE moderation_status <> 'approved';
CREATE INDEX idx_evidence_retention ON evidence (retention_deadline) WHERE deleted_at IS NULL;
CREATE INDEX idx_evidence_task ON evidence (task_id);
CREATE INDEX idx_evidence_uploader ON evidence (uploader_user_id);

-- Down Migration
DROP TABLE evidence;
DROP TABLE ai_decisions;
DROP TABLE ai_proposals;
DROP TABLE ai_jobs;
DROP TABLE ai_events;
DROP TABLE outbox_events;
DROP FUNCTION is_outbox_status(TEXT);
DROP TABLE transfer_retry_queue;
