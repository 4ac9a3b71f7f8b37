-- Up Migration
-- Rows that may only be added (invariants.md §3, decisions 11 and 27, G8, G9) and the XP award rule (INV-1, INV-5).
-- Every refusal carries the name of its trigger as the error's constraint name, so that a service can tell a
-- transition refusal (CONFLICT) from a range check (VALIDATION_ERROR), both of SQLSTATE 23514.

CREATE FUNCTION refuse(code TEXT, reason TEXT, rule TEXT) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = reason, CONSTRAINT = rule;
END $$;

-- The instant of the request being served: a transaction may set hustle.now (test clock), else the real clock.
CREATE FUNCTION domain_now() RETURNS TIMESTAMPTZ LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('hustle.now', true), '')::timestamptz, now())
$$;

-- Arguments: the SQLSTATE to raise. Row or statement level.
CREATE FUNCTION refuse_always() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(TG_ARGV[0], format('%s of %s is never allowed', TG_OP, TG_TABLE_NAME), TG_NAME);
    RETURN NULL;
END $$;

CREATE TRIGGER xp_ledger_no_delete BEFORE DELETE ON xp_ledger FOR EACH ROW EXECUTE FUNCTION refuse_always('HX102');
CREATE TRIGGER xp_ledger_no_update BEFORE UPDATE ON xp_ledger FOR EACH ROW EXECUTE FUNCTION refuse_always('HX102');
CREATE TRIGGER xp_ledger_no_truncate BEFORE TRUNCATE ON xp_ledger EXECUTE FUNCTION refuse_always('HX102');
CREATE TRIGGER trust_ledger_no_delete BEFORE DELETE ON trust_ledger FOR EACH ROW EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER trust_ledger_no_update BEFORE UPDATE ON trust_ledger FOR EACH ROW EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER trust_ledger_no_truncate BEFORE TRUNCATE ON trust_ledger EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER admin_actions_no_delete BEFORE DELETE ON admin_actions FOR EACH ROW EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER admin_actions_no_update BEFORE UPDATE ON admin_actions FOR EACH ROW EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER admin_actions_no_truncate BEFORE TRUNCATE ON admin_actions EXECUTE FUNCTION refuse_always('HX801');
CREATE TRIGGER badge_no_delete BEFORE DELETE ON badges FOR EACH ROW EXECUTE FUNCTION refuse_always('HX401');
CREATE TRIGGER badge_no_truncate BEFORE TRUNCATE ON badges EXECUTE FUNCTION refuse_always('HX401');

-- INV-BADGE-3: the animation is shown once; nothing else of a badge ever changes.
CREATE FUNCTION badge_shown_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown badges := OLD;
BEGIN
    shown.animation_shown_at := NEW.animation_shown_at;
    IF OLD.animation_shown_at IS NOT NULL OR NEW.animation_shown_at IS NULL OR NEW IS DISTINCT FROM shown THEN
        PERFORM refuse('HX401', 'a badge only changes by showing its animation once', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER badge_no_update BEFORE UPDATE ON badges FOR EACH ROW EXECUTE FUNCTION badge_shown_once();

-- Tasks and escrows have their own row-level delete guards: the code depends on the state.
CREATE TRIGGER task_no_truncate BEFORE TRUNCATE ON tasks EXECUTE FUNCTION refuse_always('HX001');
CREATE TRIGGER escrow_no_truncate BEFORE TRUNCATE ON escrows EXECUTE FUNCTION refuse_always('HX002');
CREATE TRIGGER proof_no_delete BEFORE DELETE ON proofs FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER proof_no_truncate BEFORE TRUNCATE ON proofs EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER proof_photo_no_truncate BEFORE TRUNCATE ON proof_photos EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER dispute_no_delete BEFORE DELETE ON disputes FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER dispute_no_truncate BEFORE TRUNCATE ON disputes EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER transfer_retry_no_truncate BEFORE TRUNCATE ON transfer_retry_queue EXECUTE FUNCTION refuse_always('23514');

-- INV-STRIPE-1: forgetting an event would let it take effect again.
CREATE TRIGGER stripe_event_no_delete BEFORE DELETE ON processed_stripe_events
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER stripe_event_no_truncate BEFORE TRUNCATE ON processed_stripe_events
    EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER stripe_event_id_fixed BEFORE UPDATE OF event_id ON processed_stripe_events
    FOR EACH ROW WHEN (NEW.event_id <> OLD.event_id) EXECUTE FUNCTION refuse_always('23514');

-- An intention to pay is kept until it was carried out, under the key it was written with (JCR-4).
CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox_events
    FOR EACH ROW WHEN (OLD.status <> 'processed') EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER outbox_no_truncate BEFORE TRUNCATE ON outbox_events EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER outbox_key_fixed BEFORE UPDATE OF id, idempotency_key ON outbox_events
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.idempotency_key <> OLD.idempotency_key)
    EXECUTE FUNCTION refuse_always('23514');

-- RATE-4: ratings are immutable; only the blind flag is lifted and visibility moderated.
CREATE TRIGGER rating_no_delete BEFORE DELETE ON task_ratings FOR EACH ROW EXECUTE FUNCTION refuse_always('HX809');
CREATE TRIGGER rating_no_update BEFORE UPDATE ON task_ratings
    FOR EACH ROW WHEN ((NEW.id, NEW.task_id, NEW.rater_id, NEW.ratee_id, NEW.stars, NEW.comment, NEW.tags, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.task_id, OLD.rater_id, OLD.ratee_id, OLD.stars, OLD.comment, OLD.tags, OLD.created_at))
    EXECUTE FUNCTION refuse_always('HX809');

-- INV-1 and XP-OWNER (G10). RELEASED is final, but the row is locked all the same: the award waits for a release in
-- flight instead of missing it.
CREATE FUNCTION require_released_escrow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT e.state, e.task_id, t.worker_id INTO held FROM escrows e JOIN tasks t ON t.id = e.task_id
     WHERE e.id = NEW.escrow_id FOR SHARE OF e FOR KEY SHARE OF t;
    IF held.state IS DISTINCT FROM 'RELEASED' THEN
        PERFORM refuse('HX101', 'XP needs a RELEASED escrow', TG_NAME);
    ELSIF held.task_id IS DISTINCT FROM NEW.task_id OR held.worker_id IS DISTINCT FROM NEW.user_id THEN
        PERFORM refuse('HX101', 'XP goes to the worker and the task of the escrow', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER xp_requires_released_escrow BEFORE INSERT ON xp_ledger
    FOR EACH ROW EXECUTE FUNCTION require_released_escrow();

-- Down Migration
DROP TRIGGER xp_requires_released_escrow ON xp_ledger;
DROP FUNCTION require_released_escrow();
DROP TRIGGER rating_no_update ON task_ratings;
DROP TRIGGER rating_no_delete ON task_ratings;
DROP TRIGGER outbox_key_fixed ON outbox_events;
DROP TRIGGER outbox_no_truncate ON outbox_events;
DROP TRIGGER outbox_no_delete ON outbox_events;
DROP TRIGGER stripe_event_id_fixed ON processed_stripe_events;
DROP TRIGGER stripe_event_no_truncate ON processed_stripe_events;
DROP TRIGGER stripe_event_no_delete ON processed_stripe_events;
DROP TRIGGER transfer_retry_no_truncate ON transfer_retry_queue;
DROP TRIGGER dispute_no_truncate ON disputes;
DROP TRIGGER dispute_no_delete ON disputes;
DROP TRIGGER proof_photo_no_truncate ON proof_photos;
DROP TRIGGER proof_no_truncate ON proofs;
DROP TRIGGER proof_no_delete ON proofs;
DROP TRIGGER escrow_no_truncate ON escrows;
DROP TRIGGER task_no_truncate ON tasks;
DROP TRIGGER badge_no_update ON badges;
DROP FUNCTION badge_shown_once();
DROP TRIGGER badge_no_truncate ON badges;
DROP TRIGGER badge_no_delete ON badges;
DROP TRIGGER admin_actions_no_truncate ON admin_actions;
DROP TRIGGER admin_actions_no_update ON admin_actions;
DROP TRIGGER admin_actions_no_delete ON admin_actions;
DROP TRIGGER trust_ledger_no_truncate ON trust_ledger;
DROP TRIGGER trust_ledger_no_update ON trust_ledger;
DROP TRIGGER trust_ledger_no_delete ON trust_ledger;
DROP TRIGGER xp_ledger_no_truncate ON xp_ledger;
DROP TRIGGER xp_ledger_no_update ON xp_ledger;
DROP TRIGGER xp_ledger_no_delete ON xp_ledger;
DROP FUNCTION refuse_always();
DROP FUNCTION domain_now();
DROP FUNCTION refuse(TEXT, TEXT, TEXT);
