-- Up Migration
-- The life of a dispute (state-machines.md §3, TERM-DISPUTE, G13) and the history of trust tiers (AUDIT-2, decision 12).

-- The two vocabularies of an outcome agree (state-machines.md C4, Q16).
ALTER TABLE disputes ADD CONSTRAINT disputes_outcome_matches_resolution CHECK (
    (resolution, outcome_escrow_action) IN (('HUSTLER_WINS', 'RELEASE'), ('CLIENT_WINS', 'REFUND'), ('SPLIT', 'SPLIT')));

CREATE FUNCTION dispute_insert_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
    escrow record;
BEGIN
    -- A write, not a lock: whoever judges the task with an older snapshot then fails with 40001 (Q15).
    UPDATE tasks SET updated_at = now() WHERE id = NEW.task_id RETURNING state, poster_id, worker_id INTO task;
    IF task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN
        PERFORM refuse('HX001', format('the task is %s and final', task.state), TG_NAME);
    ELSIF NEW.state <> 'OPEN' OR NEW.resolved_at IS NOT NULL OR NEW.resolved_by IS NOT NULL THEN
        PERFORM refuse('23514', 'a dispute starts OPEN', TG_NAME);
    ELSIF task.state = 'OPEN' OR task.poster_id <> NEW.poster_id OR task.worker_id <> NEW.worker_id THEN
        PERFORM refuse('23514', 'the parties of a dispute are the poster and the worker of its task', TG_NAME);
    END IF;
    SELECT state, task_id INTO escrow FROM escrows WHERE id = NEW.escrow_id FOR KEY SHARE;
    IF escrow.task_id <> NEW.task_id OR escrow.state NOT IN ('FUNDED', 'LOCKED_DISPUTE') THEN
        PERFORM refuse('23514', 'a dispute is about the held escrow of its task', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_insert_guard BEFORE INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION dispute_insert_check();

CREATE FUNCTION dispute_transition_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen disputes;
BEGIN
    IF OLD.state = 'RESOLVED' THEN
        frozen := OLD;
        frozen.updated_at := NEW.updated_at;
        IF NEW IS DISTINCT FROM frozen THEN
            PERFORM refuse('23514', 'the dispute is RESOLVED and final', TG_NAME);
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.task_id, NEW.escrow_id, NEW.initiated_by, NEW.poster_id, NEW.worker_id, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.task_id, OLD.escrow_id, OLD.initiated_by, OLD.poster_id, OLD.worker_id, OLD.created_at) THEN
        PERFORM refuse('23514', 'a dispute stays with its task, its escrow and its parties', TG_NAME);
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('OPEN', 'EVIDENCE_REQUESTED'), ('EVIDENCE_REQUESTED', 'OPEN'), ('OPEN', 'ESCALATED'),
        ('EVIDENCE_REQUESTED', 'ESCALATED'), ('OPEN', 'RESOLVED'), ('EVIDENCE_REQUESTED', 'RESOLVED'),
        ('ESCALATED', 'RESOLVED')) THEN
        PERFORM refuse('23514', format('a dispute does not go from %s to %s', OLD.state, NEW.state), TG_NAME);
    END IF;
    IF NEW.state = 'RESOLVED' THEN
        NEW.resolved_at := coalesce(NEW.resolved_at, domain_now());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_transition_guard BEFORE UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION dispute_transition_check();

-- Decision 12: exactly one row per change, written here. A service names the cause for its transaction with
-- set_config('hustle.trust_reason' | 'hustle.trust_task' | 'hustle.trust_actor', value, true).
-- Several steps of one transaction get growing instants, so that Q22 and Q23 can order them.
CREATE FUNCTION record_trust_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trust_ledger (user_id, old_tier, new_tier, reason, task_id, changed_by, changed_at) VALUES (
        NEW.id, OLD.trust_tier, NEW.trust_tier,
        coalesce(nullif(current_setting('hustle.trust_reason', true), ''), 'direct_update'),
        nullif(current_setting('hustle.trust_task', true), '')::uuid,
        coalesce(nullif(current_setting('hustle.trust_actor', true), ''), 'system'),
        greatest(domain_now(), (SELECT max(changed_at) FROM trust_ledger WHERE user_id = NEW.id) + interval '1 microsecond'));
    RETURN NULL;
END $$;
CREATE TRIGGER trust_tier_audit AFTER UPDATE OF trust_tier ON users
    FOR EACH ROW WHEN (OLD.trust_tier IS DISTINCT FROM NEW.trust_tier) EXECUTE FUNCTION record_trust_change();

-- A row written by hand continues the user's history; a service that also writes its own row repeats a step and is refused.
CREATE FUNCTION trust_row_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_tier INTEGER;
BEGIN
    IF pg_trigger_depth() = 1 THEN
        PERFORM 1 FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
        SELECT new_tier INTO last_tier FROM trust_ledger WHERE user_id = NEW.user_id ORDER BY changed_at DESC LIMIT 1;
        IF last_tier <> NEW.old_tier THEN
            PERFORM refuse('23514', format('the last tier on record is %s', last_tier), TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trust_ledger_continues BEFORE INSERT ON trust_ledger FOR EACH ROW EXECUTE FUNCTION trust_row_check();

-- Down Migration
DROP TRIGGER trust_ledger_continues ON trust_ledger;
DROP FUNCTION trust_row_check();
DROP TRIGGER trust_tier_audit ON users;
DROP FUNCTION record_trust_change();
DROP TRIGGER dispute_transition_guard ON disputes;
DROP FUNCTION dispute_transition_check();
DROP TRIGGER dispute_insert_guard ON disputes;
DROP FUNCTION dispute_insert_check();
ALTER TABLE disputes DROP CONSTRAINT disputes_outcome_matches_resolution;
