-- Up Migration
-- The life of a task (state-machines.md §1, INV-3, TERM-TASK, MODE-FIX, LIVE-1, LIVE-2, Q18, Q30).
-- BEFORE triggers fire in name order, and that order is the precedence table of invariants.md §1:
-- live_task_escrow_check HX901, live_task_price_check HX902, task_completed_requires_accepted_proof HX301,
-- task_terminal_guard HX001, task_transition_guard 23514, tasks_updated_at.
-- Locks: the row of the task is the lock of all that belongs to it. Every change of an escrow, a proof or a dispute
-- whose legality depends on the task takes it (FOR NO KEY UPDATE), so two transactions which each look legal cannot
-- commit an illegal pair under READ COMMITTED. A change of the task holds its own row already and reads escrow and
-- proofs FOR KEY SHARE, which waits for no other change: crossing statements queue up instead of deadlocking.
-- With an older snapshot (REPEATABLE READ) that is not enough: held_escrow() then locks what it read, which fails with
-- 40001 when it has changed since.
-- Services lock task, escrow, proof, dispute, user in this order.
-- A column list (UPDATE OF) spares statements that do not name the column the call; no trigger writes such a column.

CREATE FUNCTION task_timestamps_match(state TEXT, accepted TIMESTAMPTZ, completed TIMESTAMPTZ, cancelled TIMESTAMPTZ,
                                      expired TIMESTAMPTZ)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (state = 'COMPLETED') = (completed IS NOT NULL)
       AND (state = 'CANCELLED') = (cancelled IS NOT NULL)
       AND (state = 'EXPIRED') = (expired IS NOT NULL)
       AND (state IN ('OPEN', 'CANCELLED', 'EXPIRED') OR accepted IS NOT NULL);
END $$;
ALTER TABLE tasks ADD CONSTRAINT tasks_timestamps_match_state CHECK (
    task_timestamps_match(state, accepted_at, completed_at, cancelled_at, expired_at));

CREATE FUNCTION task_worker_matches(state TEXT, worker UUID) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN state IN ('CANCELLED', 'EXPIRED') OR (state = 'OPEN') = (worker IS NULL);
END $$;
ALTER TABLE tasks ADD CONSTRAINT tasks_worker_matches_state CHECK (task_worker_matches(state, worker_id));

CREATE FUNCTION held_escrow(of_task UUID) RETURNS TEXT LANGUAGE plpgsql AS $$
DECLARE
    held TEXT;
BEGIN
    SELECT state INTO held FROM escrows WHERE task_id = of_task FOR KEY SHARE;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM 1 FROM escrows WHERE task_id = of_task FOR SHARE;
    END IF;
    RETURN held;
END $$;

CREATE FUNCTION check_live_broadcast() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF 'LIVE' IN (NEW.mode, OLD.mode) AND NEW.live_broadcast_started_at IS NOT NULL
       AND NEW.live_broadcast_started_at IS DISTINCT FROM OLD.live_broadcast_started_at
       AND held_escrow(coalesce(OLD.id, NEW.id)) IS DISTINCT FROM 'FUNDED' THEN
        PERFORM refuse('HX901', 'a broadcast needs a FUNDED escrow', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER live_task_escrow_check BEFORE INSERT OR UPDATE OF live_broadcast_started_at ON tasks
    FOR EACH ROW EXECUTE FUNCTION check_live_broadcast();

CREATE FUNCTION check_live_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mode = 'LIVE' AND NEW.price < 1500 THEN
        PERFORM refuse('HX902', 'a LIVE task costs at least 1500 cents', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER live_task_price_check BEFORE INSERT OR UPDATE OF price, mode ON tasks
    FOR EACH ROW EXECUTE FUNCTION check_live_price();

-- OLD.requires_proof counts too: one statement cannot switch the rule off and complete the task (G7).
CREATE FUNCTION require_accepted_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'COMPLETED' AND OLD.state <> 'COMPLETED'
       AND (OLD.requires_proof OR NEW.requires_proof IS NOT FALSE) THEN
        PERFORM 1 FROM proofs WHERE task_id = OLD.id AND state = 'ACCEPTED' LIMIT 1 FOR KEY SHARE;
        IF NOT FOUND THEN
            PERFORM refuse('HX301', 'completion needs an ACCEPTED proof', TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_completed_requires_accepted_proof BEFORE UPDATE OF state ON tasks
    FOR EACH ROW EXECUTE FUNCTION require_accepted_proof();

CREATE FUNCTION task_insert_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'OPEN' OR NEW.worker_id IS NOT NULL THEN
        PERFORM refuse('23514', 'a task starts OPEN and without a worker', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_insert_guard BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION task_insert_check();

CREATE FUNCTION task_delete_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(CASE WHEN OLD.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN 'HX001' ELSE '23514' END,
                   'a task is never deleted', TG_NAME);
    RETURN NULL;
END $$;
CREATE TRIGGER task_no_delete BEFORE DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION task_delete_check();

CREATE FUNCTION task_terminal_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen tasks;
BEGIN
    IF OLD.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN
        frozen := OLD;
        frozen.updated_at := NEW.updated_at;
        IF NEW IS DISTINCT FROM frozen THEN
            PERFORM refuse('HX001', format('the task is %s and final', OLD.state), TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_terminal_guard BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION task_terminal_check();

-- Edges T2 to T13; what never changes after creation; the worker arrives with T2 and stays; pairs of state-machines.md §5.
CREATE FUNCTION task_transition_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held TEXT;
BEGIN
    IF (NEW.id, NEW.poster_id, NEW.price, NEW.mode, NEW.requires_proof, NEW.created_at, NEW.task_category,
        NEW.risk_level, NEW.required_trade, NEW.required_trust_tier, NEW.insurance_required,
        NEW.background_check_required, NEW.location_state, NEW.classification_confidence,
        NEW.classification_rules_applied)
       IS DISTINCT FROM
       (OLD.id, OLD.poster_id, OLD.price, OLD.mode, OLD.requires_proof, OLD.created_at, OLD.task_category,
        OLD.risk_level, OLD.required_trade, OLD.required_trust_tier, OLD.insurance_required,
        OLD.background_check_required, OLD.location_state, OLD.classification_confidence,
        OLD.classification_rules_applied) THEN
        PERFORM refuse('23514', 'price, mode, poster and requirements of a task never change', TG_NAME);
    END IF;
    IF (NEW.worker_id IS DISTINCT FROM OLD.worker_id OR NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
       AND (OLD.state <> 'OPEN' OR NEW.state <> 'ACCEPTED') THEN
        PERFORM refuse('23514', 'worker and accepted_at are set by acceptance and never change', TG_NAME);
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('OPEN', 'ACCEPTED'), ('OPEN', 'CANCELLED'), ('OPEN', 'EXPIRED'),
        ('ACCEPTED', 'PROOF_SUBMITTED'), ('ACCEPTED', 'DISPUTED'), ('ACCEPTED', 'CANCELLED'), ('ACCEPTED', 'EXPIRED'),
        ('PROOF_SUBMITTED', 'ACCEPTED'), ('PROOF_SUBMITTED', 'COMPLETED'), ('PROOF_SUBMITTED', 'DISPUTED'),
        ('DISPUTED', 'COMPLETED'), ('DISPUTED', 'CANCELLED')) THEN
        PERFORM refuse('23514', format('a task does not go from %s to %s', OLD.state, NEW.state), TG_NAME);
    END IF;
    IF NEW.state = 'COMPLETED' OR (OLD.state = 'OPEN' AND NEW.state = 'ACCEPTED') THEN
        held := held_escrow(OLD.id);
        IF held <> 'FUNDED' AND (NEW.state = 'ACCEPTED' OR held <> 'LOCKED_DISPUTE') THEN
            PERFORM refuse('23514', format('a task does not become %s while its escrow is %s', NEW.state, held), TG_NAME);
        END IF;
    END IF;
    -- A dispute in the making has changed the task's row, so it is either seen here or sees the end of the task (Q15).
    IF NEW.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') AND OLD.state IN ('ACCEPTED', 'PROOF_SUBMITTED')
       AND EXISTS (SELECT 1 FROM disputes WHERE task_id = OLD.id AND state <> 'RESOLVED') THEN
        PERFORM refuse('23514', 'an open dispute decides about the task', TG_NAME);
    END IF;
    IF NEW.state = 'ACCEPTED' THEN
        NEW.accepted_at := coalesce(NEW.accepted_at, domain_now());
    ELSIF NEW.state = 'PROOF_SUBMITTED' THEN
        IF NEW.proof_submitted_at IS NOT DISTINCT FROM OLD.proof_submitted_at THEN
            NEW.proof_submitted_at := domain_now();
        END IF;
    ELSIF NEW.state = 'COMPLETED' THEN
        NEW.completed_at := coalesce(NEW.completed_at, domain_now());
    ELSIF NEW.state = 'CANCELLED' THEN
        NEW.cancelled_at := coalesce(NEW.cancelled_at, domain_now());
    ELSIF NEW.state = 'EXPIRED' THEN
        NEW.expired_at := coalesce(NEW.expired_at, domain_now());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_transition_guard BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION task_transition_check();

-- Down Migration
DROP TRIGGER task_transition_guard ON tasks;
DROP FUNCTION task_transition_check();
DROP TRIGGER task_terminal_guard ON tasks;
DROP FUNCTION task_terminal_check();
DROP TRIGGER task_no_delete ON tasks;
DROP FUNCTION task_delete_check();
DROP TRIGGER task_insert_guard ON tasks;
DROP FUNCTION task_insert_check();
DROP TRIGGER task_completed_requires_accepted_proof ON tasks;
DROP FUNCTION require_accepted_proof();
DROP TRIGGER live_task_price_check ON tasks;
DROP FUNCTION check_live_price();
DROP TRIGGER live_task_escrow_check ON tasks;
DROP FUNCTION check_live_broadcast();
DROP FUNCTION held_escrow(UUID);
ALTER TABLE tasks DROP CONSTRAINT tasks_worker_matches_state;
DROP FUNCTION task_worker_matches(TEXT, UUID);
ALTER TABLE tasks DROP CONSTRAINT tasks_timestamps_match_state;
DROP FUNCTION task_timestamps_match(TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ);
