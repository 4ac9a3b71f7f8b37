-- Up Migration
-- Photos by their bytes, places to upload to, fixes, and the signals of cheating (proof-and-gps.md §3-§5, PRF-7, PRF-13).

CREATE TABLE proof_uploads (
    storage_key     VARCHAR(500) PRIMARY KEY,
    task_id         UUID NOT NULL REFERENCES tasks (id),
    user_id         UUID NOT NULL REFERENCES users (id),
    photo_type      VARCHAR(10) NOT NULL CHECK (photo_type IN ('before', 'during', 'after', 'result')),
    content_type    VARCHAR(100) NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/heic')),
    file_size_bytes BIGINT NOT NULL CHECK (file_size_bytes BETWEEN 1 AND 10485760),
    checksum_sha256 VARCHAR(64) NOT NULL CHECK (checksum_sha256 ~ '^[0-9a-f]{64}$'),
    expires_at      TIMESTAMPTZ NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    proof_id        UUID REFERENCES proofs (id)
);

CREATE INDEX idx_proof_uploads_task ON proof_uploads (task_id);

CREATE TABLE photo_bindings (
    checksum_sha256 VARCHAR(64) PRIMARY KEY,
    task_id         UUID NOT NULL REFERENCES tasks (id),
    worker_id       UUID NOT NULL REFERENCES users (id),
    proof_id        UUID NOT NULL REFERENCES proofs (id),
    bound_at        TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE proof_locations (
    proof_id        UUID PRIMARY KEY REFERENCES proofs (id),
    user_id         UUID NOT NULL REFERENCES users (id),
    position        BIGINT GENERATED ALWAYS AS IDENTITY,
    latitude        NUMERIC(10,7) NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude       NUMERIC(10,7) NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    accuracy_m      NUMERIC(7,1) NOT NULL CHECK (accuracy_m BETWEEN 0 AND 100),
    captured_at     TIMESTAMPTZ NOT NULL,
    received_at     TIMESTAMPTZ NOT NULL,
    is_mock         BOOLEAN NOT NULL DEFAULT false,
    repeats         INTEGER NOT NULL CHECK (repeats >= 1),
    zone            VARCHAR(40),
    distance_m      NUMERIC(12,3),
    risk_hundredths INTEGER NOT NULL CHECK (risk_hundredths BETWEEN 0 AND 49),
    manual_review   BOOLEAN NOT NULL,
    CONSTRAINT proof_locations_not_from_the_future CHECK (captured_at <= received_at)
);

CREATE INDEX idx_proof_locations_user ON proof_locations (user_id, position DESC);

CREATE TABLE fraud_events (
    id                UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id           UUID NOT NULL REFERENCES users (id),
    task_id           UUID REFERENCES tasks (id),
    proof_id          UUID REFERENCES proofs (id),
    kind              VARCHAR(40) NOT NULL,
    weight_hundredths INTEGER NOT NULL CHECK (weight_hundredths BETWEEN 0 AND 100),
    details           JSONB NOT NULL DEFAULT '{}',
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX idx_fraud_events_user ON fraud_events (user_id, created_at DESC);
CREATE INDEX idx_fraud_events_task ON fraud_events (task_id) WHERE task_id IS NOT NULL;

-- The first zone by position that contains a point is its zone (proof-and-gps.md §5.2).
CREATE TABLE city_zones (
    position INTEGER PRIMARY KEY,
    slug     VARCHAR(40) NOT NULL UNIQUE,
    north    NUMERIC(10,7) NOT NULL,
    south    NUMERIC(10,7) NOT NULL,
    east     NUMERIC(10,7) NOT NULL,
    west     NUMERIC(10,7) NOT NULL,
    CHECK (south < north AND west < east)
);

INSERT INTO city_zones (position, slug, north, south, east, west) VALUES
    (1, 'capitol_hill', 47.635, 47.615, -122.305, -122.325),
    (2, 'ballard', 47.690, 47.660, -122.360, -122.400),
    (3, 'fremont', 47.665, 47.648, -122.345, -122.365),
    (4, 'university_district', 47.675, 47.655, -122.295, -122.325),
    (5, 'queen_anne', 47.645, 47.625, -122.345, -122.365),
    (6, 'downtown', 47.620, 47.600, -122.325, -122.345),
    (7, 'south_lake_union', 47.635, 47.620, -122.330, -122.345),
    (8, 'beacon_hill', 47.590, 47.565, -122.295, -122.315),
    (9, 'columbia_city', 47.570, 47.555, -122.275, -122.295),
    (10, 'west_seattle', 47.580, 47.545, -122.365, -122.405),
    (11, 'greenwood', 47.710, 47.690, -122.345, -122.365),
    (12, 'wallingford', 47.665, 47.650, -122.325, -122.345);

-- The same bytes twice in one proof.
CREATE UNIQUE INDEX proof_photos_once_per_proof ON proof_photos (proof_id, checksum_sha256);

-- PRF-13: a photo belongs to the first proof that holds it, whoever writes the row. A lost race reads like a
-- duplicate: the winner's row is seen after it is committed.
CREATE FUNCTION proof_photo_bind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_bindings (checksum_sha256, task_id, worker_id, proof_id, bound_at)
    SELECT NEW.checksum_sha256, p.task_id, p.submitter_id, p.id, NEW.created_at FROM proofs p WHERE p.id = NEW.proof_id
    ON CONFLICT (checksum_sha256) DO NOTHING;
    IF NOT EXISTS (SELECT 1 FROM photo_bindings
                    WHERE checksum_sha256 = NEW.checksum_sha256 AND proof_id = NEW.proof_id) THEN
        PERFORM refuse('23505', 'PRF-13: these bytes belong to another proof', TG_NAME);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER trigger_proof_photo_bound AFTER INSERT OR UPDATE OF checksum_sha256 ON proof_photos
    FOR EACH ROW EXECUTE FUNCTION proof_photo_bind();

-- Bindings outlive the photos; fixes and signals are evidence: all are only added to.
CREATE TRIGGER photo_bindings_kept BEFORE UPDATE OR DELETE ON photo_bindings
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER photo_bindings_not_truncated BEFORE TRUNCATE ON photo_bindings EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER proof_locations_kept BEFORE UPDATE OR DELETE ON proof_locations
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER proof_locations_not_truncated BEFORE TRUNCATE ON proof_locations EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER fraud_events_kept BEFORE UPDATE OR DELETE ON fraud_events
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER fraud_events_not_truncated BEFORE TRUNCATE ON fraud_events EXECUTE FUNCTION refuse_always('23514');

-- PRF-7: a receipt is used by one proof, and then stays with it.
CREATE FUNCTION proof_upload_change_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen proof_uploads;
BEGIN
    frozen := OLD;
    IF OLD.proof_id IS NULL THEN frozen.proof_id := NEW.proof_id; END IF;
    IF NEW IS DISTINCT FROM frozen THEN
        PERFORM refuse('23514', 'PRF-7: an upload keeps what it was issued for, and its proof', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proof_uploads_frozen BEFORE UPDATE ON proof_uploads
    FOR EACH ROW EXECUTE FUNCTION proof_upload_change_check();

-- Down Migration
DROP TRIGGER proof_uploads_frozen ON proof_uploads;
DROP FUNCTION proof_upload_change_check();
DROP TRIGGER fraud_events_not_truncated ON fraud_events;
DROP TRIGGER fraud_events_kept ON fraud_events;
DROP TRIGGER proof_locations_not_truncated ON proof_locations;
DROP TRIGGER proof_locations_kept ON proof_locations;
DROP TRIGGER photo_bindings_not_truncated ON photo_bindings;
DROP TRIGGER photo_bindings_kept ON photo_bindings;
DROP TRIGGER trigger_proof_photo_bound ON proof_photos;
DROP FUNCTION proof_photo_bind();
DROP INDEX proof_photos_once_per_proof;
DROP TABLE city_zones;
DROP TABLE fraud_events;
DROP TABLE proof_locations;
DROP TABLE photo_bindings;
DROP TABLE proof_uploads;
