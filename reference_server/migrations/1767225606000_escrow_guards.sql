-- Up Migration
-- The life of an escrow (state-machines.md §2, INV-2, INV-4, TERM-ESCROW, HX003, HX005, HX006, pairs of §5).
-- Firing order: escrow_amount_immutable HX004, escrow_released_requires_completed_task HX201,
-- escrow_terminal_guard HX002, escrow_transition_guard HX005, HX006 or 23514, escrows_updated_at.
-- A plain UPDATE of the state alone is enough for a legal step: the guard fills the timestamp that belongs to it (Q13).

CREATE FUNCTION escrow_timestamps_match(state TEXT, funded TIMESTAMPTZ, released TIMESTAMPTZ, refunded TIMESTAMPTZ)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (state NOT IN ('FUNDED', 'LOCKED_DISPUTE', 'RELEASED', 'REFUND_PARTIAL') OR funded IS NOT NULL)
       AND (state <> 'RELEASED' OR released IS NOT NULL)
       AND (state NOT IN ('REFUNDED', 'REFUND_PARTIAL') OR refunded IS NOT NULL);
END $$;
ALTER TABLE escrows ADD CONSTRAINT escrow_timestamps_match_state CHECK (
    escrow_timestamps_match(state, funded_at, released_at, refunded_at));

CREATE FUNCTION escrow_insert_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task record;
BEGIN
    IF NEW.state <> 'PENDING' OR coalesce(NEW.funded_at, NEW.released_at, NEW.refunded_at) IS NOT NULL THEN
        PERFORM refuse('23514', 'an escrow starts PENDING', TG_NAME);
    END IF;
    SELECT state, price INTO task FROM tasks WHERE id = NEW.task_id FOR NO KEY UPDATE;
    IF task.price <> NEW.amount THEN
        PERFORM refuse('HX003', 'the escrow amount equals the task price', TG_NAME);
    ELSIF task.state IN ('CANCELLED', 'EXPIRED') THEN
        PERFORM refuse('23514', format('no escrow for a task that is %s', task.state), TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escrow_insert_guard BEFORE INSERT ON escrows FOR EACH ROW EXECUTE FUNCTION escrow_insert_check();

CREATE FUNCTION escrow_delete_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(CASE WHEN OLD.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN 'HX002' ELSE '23514' END,
                   'an escrow is never deleted', TG_NAME);
    RETURN NULL;
END $$;
CREATE TRIGGER escrow_no_delete BEFORE DELETE ON escrows FOR EACH ROW EXECUTE FUNCTION escrow_delete_check();

CREATE FUNCTION escrow_amount_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount IS DISTINCT FROM OLD.amount THEN
        PERFORM refuse('HX004', 'the escrow amount never changes', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escrow_amount_immutable BEFORE UPDATE OF amount ON escrows FOR EACH ROW EXECUTE FUNCTION escrow_amount_check();

-- OLD.task_id: a statement that also re-points the escrow is judged by the task it belongs to.
CREATE FUNCTION require_completed_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task_state TEXT;
BEGIN
    IF NEW.state = 'RELEASED' AND OLD.state <> 'RELEASED' THEN
        SELECT state INTO task_state FROM tasks WHERE id = OLD.task_id FOR NO KEY UPDATE;
        IF task_state IS DISTINCT FROM 'COMPLETED' THEN
            PERFORM refuse('HX201', 'a release needs a COMPLETED task', TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escrow_released_requires_completed_task BEFORE UPDATE OF state ON escrows
    FOR EACH ROW EXECUTE FUNCTION require_completed_task();

-- The processor's late ids stay writable (transfer, refund); the intent id may still arrive, but not change.
CREATE FUNCTION escrow_terminal_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen escrows;
BEGIN
    IF OLD.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN
        frozen := OLD;
        frozen.stripe_payment_intent_id := coalesce(OLD.stripe_payment_intent_id, NEW.stripe_payment_intent_id);
        frozen.stripe_transfer_id := NEW.stripe_transfer_id;
        frozen.stripe_refund_id := NEW.stripe_refund_id;
        frozen.updated_at := NEW.updated_at;
        IF NEW IS DISTINCT FROM frozen THEN
            PERFORM refuse('HX002', format('the escrow is %s and final', OLD.state), TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escrow_terminal_guard BEFORE UPDATE ON escrows FOR EACH ROW EXECUTE FUNCTION escrow_terminal_check();

-- Edges E1 to E8. Refusals by the state of the task:
--   E1 while CANCELLED or EXPIRED (the money would belong to nobody);
--   E4 once a worker relies on the money (ACCEPTED to COMPLETED);
--   E5 once the task is final; E7, E8 while no dispute is being decided about it (all of those but DISPUTED).
CREATE FUNCTION escrow_transition_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    task_state TEXT;
BEGIN
    IF (NEW.id, NEW.task_id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.task_id, OLD.created_at) THEN
        PERFORM refuse('23514', 'an escrow stays with its task', TG_NAME);
    ELSIF OLD.state <> 'PENDING' AND OLD.stripe_payment_intent_id <> coalesce(NEW.stripe_payment_intent_id, '') THEN
        PERFORM refuse('23514', 'the payment of a funded escrow never changes', TG_NAME);
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('PENDING', 'FUNDED'), ('PENDING', 'REFUNDED'),
        ('FUNDED', 'RELEASED'), ('FUNDED', 'REFUNDED'), ('FUNDED', 'LOCKED_DISPUTE'),
        ('LOCKED_DISPUTE', 'RELEASED'), ('LOCKED_DISPUTE', 'REFUNDED'), ('LOCKED_DISPUTE', 'REFUND_PARTIAL')) THEN
        PERFORM refuse('23514', format('an escrow does not go from %s to %s', OLD.state, NEW.state), TG_NAME);
    END IF;
    IF NEW.state = 'REFUND_PARTIAL' THEN
        IF NEW.refund_amount IS NULL OR NEW.release_amount IS NULL THEN
            PERFORM refuse('HX005', 'a split names both amounts', TG_NAME);
        ELSIF NEW.refund_amount::bigint + NEW.release_amount <> NEW.amount THEN
            PERFORM refuse('HX006', 'the two amounts of a split add up to the escrow amount', TG_NAME);
        END IF;
    END IF;
    IF NEW.state <> 'RELEASED' AND (OLD.state, NEW.state) <> ('PENDING', 'REFUNDED') THEN
        SELECT state INTO task_state FROM tasks WHERE id = OLD.task_id FOR NO KEY UPDATE;
        IF (CASE NEW.state
             WHEN 'FUNDED' THEN task_state IN ('CANCELLED', 'EXPIRED')
             WHEN 'LOCKED_DISPUTE' THEN task_state IN ('COMPLETED', 'CANCELLED', 'EXPIRED')
             ELSE task_state IN ('ACCEPTED', 'PROOF_SUBMITTED', 'COMPLETED')
                  OR (OLD.state = 'FUNDED' AND task_state = 'DISPUTED')
           END) THEN
            PERFORM refuse('23514', format('no %s while the task is %s', NEW.state, task_state), TG_NAME);
        END IF;
    END IF;
    IF NEW.state = 'FUNDED' THEN
        NEW.funded_at := coalesce(NEW.funded_at, domain_now());
    ELSIF NEW.state = 'RELEASED' THEN
        NEW.released_at := coalesce(NEW.released_at, greatest(domain_now(), NEW.funded_at));
    ELSIF NEW.state IN ('REFUNDED', 'REFUND_PARTIAL') THEN
        NEW.refunded_at := coalesce(NEW.refunded_at, greatest(domain_now(), NEW.funded_at));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escrow_transition_guard BEFORE UPDATE ON escrows FOR EACH ROW EXECUTE FUNCTION escrow_transition_check();

-- Down Migration
DROP TRIGGER escrow_transition_guard ON escrows;
DROP FUNCTION escrow_transition_check();
DROP TRIGGER escrow_terminal_guard ON escrows;
DROP FUNCTION escrow_terminal_check();
DROP TRIGGER escrow_released_requires_completed_task ON escrows;
DROP FUNCTION require_completed_task();
DROP TRIGGER escrow_amount_immutable ON escrows;
DROP FUNCTION escrow_amount_check();
DROP TRIGGER escrow_no_delete ON escrows;
DROP FUNCTION escrow_delete_check();
DROP TRIGGER escrow_insert_guard ON escrows;
DROP FUNCTION escrow_insert_check();
ALTER TABLE escrows DROP CONSTRAINT escrow_timestamps_match_state;
DROP FUNCTION escrow_timestamps_match(TEXT, TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ);
