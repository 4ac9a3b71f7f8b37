-- Up Migration
-- PRF-6: a submission that is sent again under the client's key gets the answer that was stored.

CREATE TABLE submission_keys (
    user_id        UUID NOT NULL REFERENCES users (id),
    client_key     VARCHAR(100) NOT NULL,
    payload_sha256 VARCHAR(64) NOT NULL,
    proof_id       UUID NOT NULL REFERENCES proofs (id),
    answer         JSONB NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, client_key)
);

CREATE TRIGGER submission_keys_kept BEFORE UPDATE OR DELETE ON submission_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');

-- Down Migration
DROP TABLE submission_keys;
