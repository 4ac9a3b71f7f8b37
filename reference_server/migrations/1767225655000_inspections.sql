-- Up Migration
-- What is found out about photos after their proof was stored (proof-and-gps.md §4, §6, §8 step 10): one row for the
-- work on each proof, one for what each photo shows.

CREATE TABLE proof_inspections (
    proof_id      UUID PRIMARY KEY REFERENCES proofs (id),
    position      BIGINT GENERATED ALWAYS AS IDENTITY,
    state         VARCHAR(10) NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
    tries         INTEGER NOT NULL DEFAULT 0,
    not_before    TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
    authenticity  INTEGER CHECK (authenticity BETWEEN 0 AND 100),
    liveness      NUMERIC(4,3) CHECK (liveness BETWEEN 0 AND 1),
    deepfake      NUMERIC(4,3) CHECK (deepfake BETWEEN 0 AND 1),
    advice        VARCHAR(13) CHECK (advice IN ('APPROVE', 'MANUAL_REVIEW', 'REJECT')),
    manual_review BOOLEAN NOT NULL DEFAULT false,
    reasons       TEXT[] NOT NULL DEFAULT '{}',
    CONSTRAINT proof_inspections_review_has_a_reason CHECK (manual_review = (reasons <> '{}'))
);

CREATE INDEX idx_proof_inspections_pending ON proof_inspections (position) WHERE state = 'pending';

-- proof-and-gps.md §7: nobody's face is shown to a provider without this.
CREATE TABLE biometric_consents (
    user_id UUID PRIMARY KEY REFERENCES users (id),
    granted BOOLEAN NOT NULL
);

-- Looks outlive the photos, as bindings do. `rendition_key` names the copy that people are shown.
CREATE TABLE photo_inspections (
    photo_id      UUID PRIMARY KEY,
    proof_id      UUID NOT NULL REFERENCES proofs (id),
    look_across   BIT(64),
    look_down     BIT(64),
    authenticity  INTEGER NOT NULL CHECK (authenticity BETWEEN 0 AND 100),
    findings      TEXT[] NOT NULL,
    rendition_key VARCHAR(520),
    CONSTRAINT photo_inspections_whole_look CHECK ((look_across IS NULL) = (look_down IS NULL))
);

CREATE INDEX idx_photo_inspections_proof ON photo_inspections (proof_id);

CREATE TRIGGER photo_inspections_kept BEFORE UPDATE OR DELETE ON photo_inspections
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER photo_inspections_not_truncated BEFORE TRUNCATE ON photo_inspections EXECUTE FUNCTION refuse_always('23514');

-- A mark for review is never taken back, and work that is done stays done.
CREATE FUNCTION proof_inspection_change_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proof_id <> OLD.proof_id OR (OLD.state = 'done' AND NEW.state <> 'done')
       OR (OLD.manual_review AND NOT NEW.manual_review) OR NOT NEW.reasons @> OLD.reasons THEN
        PERFORM refuse('23514', 'proof-and-gps.md §8: what an inspection has found stays', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proof_inspections_only_grow BEFORE UPDATE ON proof_inspections
    FOR EACH ROW EXECUTE FUNCTION proof_inspection_change_check();
CREATE TRIGGER proof_inspections_kept BEFORE DELETE ON proof_inspections
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER proof_inspections_not_truncated BEFORE TRUNCATE ON proof_inspections EXECUTE FUNCTION refuse_always('23514');

-- Down Migration
DROP TABLE photo_inspections;
DROP TABLE biometric_consents;
DROP TABLE proof_inspections;
DROP FUNCTION proof_inspection_change_check();
