-- Up Migration
-- The life of a proof and its photos (state-machines.md §4, PROOF-PHOTO-1, PROOF-PHOTO-2, TERM-PROOF, NO-SELF, G11, G12).
-- Firing order: trigger_proof_insert_guard 23514, trigger_proof_photo_minimum P0001, trigger_proof_transition_guard 23514.
-- The proof row is the lock of its photos: whoever adds or changes a photo, or submits, holds it.

CREATE FUNCTION proof_insert_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
BEGIN
    IF NEW.state NOT IN ('PENDING', 'SUBMITTED') OR NEW.reviewed_by IS NOT NULL OR NEW.reviewed_at IS NOT NULL
       OR NEW.rejection_reason IS NOT NULL THEN
        PERFORM refuse('23514', 'a proof starts PENDING or SUBMITTED and without a verdict', TG_NAME);
    END IF;
    SELECT state, worker_id INTO task FROM tasks WHERE id = NEW.task_id FOR NO KEY UPDATE;
    IF FOUND AND task.state NOT IN ('ACCEPTED', 'PROOF_SUBMITTED') THEN
        PERFORM refuse('23514', format('no proof for a task that is %s', task.state), TG_NAME);
    ELSIF FOUND AND task.worker_id IS DISTINCT FROM NEW.submitter_id THEN
        PERFORM refuse('23514', 'the worker of the task submits its proof', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_proof_insert_guard BEFORE INSERT ON proofs FOR EACH ROW EXECUTE FUNCTION proof_insert_check();

CREATE FUNCTION proof_photo_minimum_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('SUBMITTED', 'ACCEPTED') AND NEW.state IS DISTINCT FROM OLD.state
       AND OLD.state IS DISTINCT FROM 'EXPIRED' THEN
        PERFORM 1 FROM proof_photos WHERE proof_id = coalesce(OLD.id, NEW.id) LIMIT 1 FOR KEY SHARE;
        IF NOT FOUND THEN
            PERFORM refuse('P0001', 'PROOF-PHOTO-2: a proof has at least one photo', TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_proof_photo_minimum BEFORE INSERT OR UPDATE OF state ON proofs
    FOR EACH ROW EXECUTE FUNCTION proof_photo_minimum_check();

-- Edges P1 to P7. A REJECTED proof is accepted only by the outcome of a dispute (P5); a rejection without a reason says so (Q19).
CREATE FUNCTION proof_transition_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task_state TEXT;
    frozen proofs;
BEGIN
    IF (NEW.id, NEW.task_id, NEW.submitter_id, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.task_id, OLD.submitter_id, OLD.created_at) THEN
        PERFORM refuse('23514', 'a proof stays with its task and its submitter', TG_NAME);
    END IF;
    IF NEW.state = OLD.state THEN
        IF OLD.state IN ('ACCEPTED', 'REJECTED', 'EXPIRED') THEN
            frozen := OLD;
            frozen.updated_at := NEW.updated_at;
            IF NEW IS DISTINCT FROM frozen THEN
                PERFORM refuse('23514', format('the proof is %s', OLD.state), TG_NAME);
            END IF;
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('PENDING', 'SUBMITTED'), ('PENDING', 'EXPIRED'), ('SUBMITTED', 'ACCEPTED'),
                                      ('SUBMITTED', 'REJECTED'), ('REJECTED', 'ACCEPTED')) THEN
        PERFORM refuse('23514', format('a proof does not go from %s to %s', OLD.state, NEW.state), TG_NAME);
    END IF;
    IF NEW.state IN ('SUBMITTED', 'ACCEPTED') THEN
        SELECT state INTO task_state FROM tasks WHERE id = OLD.task_id FOR NO KEY UPDATE;
        IF NOT (CASE WHEN NEW.state = 'SUBMITTED' THEN task_state IN ('ACCEPTED', 'PROOF_SUBMITTED')
                    WHEN OLD.state = 'REJECTED' THEN task_state = 'DISPUTED'
                    ELSE task_state IN ('ACCEPTED', 'PROOF_SUBMITTED', 'DISPUTED') END) THEN
            PERFORM refuse('23514', format('no proof becomes %s while its task is %s', NEW.state, task_state), TG_NAME);
        END IF;
    END IF;
    IF NEW.state = 'SUBMITTED' THEN
        NEW.submitted_at := coalesce(NEW.submitted_at, domain_now());
        NEW.review_deadline := coalesce(NEW.review_deadline, NEW.submitted_at + interval '48 hours');
    ELSIF NEW.state IN ('ACCEPTED', 'REJECTED') THEN
        NEW.reviewed_at := coalesce(NEW.reviewed_at, domain_now());
        IF NEW.state = 'REJECTED' THEN
            NEW.rejection_reason := coalesce(nullif(NEW.rejection_reason, ''), 'not stated');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_proof_transition_guard BEFORE UPDATE ON proofs
    FOR EACH ROW EXECUTE FUNCTION proof_transition_check();

CREATE FUNCTION proof_photo_limit_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proof_state TEXT;
BEGIN
    SELECT state INTO proof_state FROM proofs WHERE id = NEW.proof_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM proof_photos WHERE proof_id = NEW.proof_id) >= 5 THEN
        PERFORM refuse('P0001', 'PROOF-PHOTO-1: a proof has at most five photos', TG_NAME);
    ELSIF proof_state NOT IN ('PENDING', 'SUBMITTED') THEN
        PERFORM refuse('23514', format('no photo for a proof that is %s', proof_state), TG_NAME);
    END IF;
    -- Without a number a photo would escape the unique constraint, the limit's last word under REPEATABLE READ.
    IF NEW.sequence_number IS NULL THEN
        SELECT min(n) INTO NEW.sequence_number FROM generate_series(1, 5) n
         WHERE NOT EXISTS (SELECT 1 FROM proof_photos p WHERE p.proof_id = NEW.proof_id AND p.sequence_number = n);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_proof_photo_limit BEFORE INSERT ON proof_photos
    FOR EACH ROW EXECUTE FUNCTION proof_photo_limit_check();

-- What was submitted is evidence: it is neither changed, taken away nor moved to another proof.
CREATE FUNCTION proof_photo_change_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proof_state TEXT;
BEGIN
    SELECT state INTO proof_state FROM proofs WHERE id = OLD.proof_id FOR NO KEY UPDATE;
    IF proof_state <> 'PENDING' THEN
        PERFORM refuse('23514', format('photos of a proof that is %s are evidence', proof_state), TG_NAME);
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSIF (NEW.id, NEW.proof_id) IS DISTINCT FROM (OLD.id, OLD.proof_id) OR NEW.sequence_number IS NULL THEN
        PERFORM refuse('23514', 'a photo keeps its proof and a number', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_proof_photo_frozen BEFORE UPDATE OR DELETE ON proof_photos
    FOR EACH ROW EXECUTE FUNCTION proof_photo_change_check();

-- Down Migration
DROP TRIGGER trigger_proof_photo_frozen ON proof_photos;
DROP FUNCTION proof_photo_change_check();
DROP TRIGGER trigger_proof_photo_limit ON proof_photos;
DROP FUNCTION proof_photo_limit_check();
DROP TRIGGER trigger_proof_transition_guard ON proofs;
DROP FUNCTION proof_transition_check();
DROP TRIGGER trigger_proof_photo_minimum ON proofs;
DROP FUNCTION proof_photo_minimum_check();
DROP TRIGGER trigger_proof_insert_guard ON proofs;
DROP FUNCTION proof_insert_check();
