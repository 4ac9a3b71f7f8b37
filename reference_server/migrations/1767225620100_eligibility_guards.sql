-- Up Migration
-- The eight eligibility invariants at their layer (eligibility.md §3, invariants.md §6) and the recompute in the
-- transaction of its cause (§4.4, §5). Locks: a change of a verification record takes its row, then the profile;
-- task.accept takes task, escrow, then the profile FOR SHARE. So a revocation and an acceptance queue up.

-- INV-ELIGIBILITY-1 with its own code, before the CHECK; and the boundary of INV-ELIGIBILITY-8: the derived tables are
-- written by recompute_capability alone, which says so for its transaction.
CREATE FUNCTION clearance_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.risk_clearance @> clearance_of_tier(NEW.trust_tier) AND NEW.risk_clearance <@ clearance_of_tier(NEW.trust_tier)) THEN
        PERFORM refuse('HX605', 'risk clearance follows the trust tier', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capability_clearance_check BEFORE INSERT OR UPDATE ON capability_profiles
    FOR EACH ROW EXECUTE FUNCTION clearance_check();

CREATE FUNCTION derived_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('hustle.recompute', true) IS DISTINCT FROM 'on' THEN
        PERFORM refuse('HX609', format('%s is written by recompute_capability alone', TG_TABLE_NAME), TG_NAME);
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER capability_profile_guard BEFORE INSERT OR UPDATE OR DELETE ON capability_profiles
    FOR EACH ROW EXECUTE FUNCTION derived_only();
CREATE TRIGGER verified_trades_guard BEFORE INSERT OR UPDATE OR DELETE ON verified_trades
    FOR EACH ROW EXECUTE FUNCTION derived_only();
CREATE TRIGGER capability_profile_no_truncate BEFORE TRUNCATE ON capability_profiles EXECUTE FUNCTION refuse_always('HX609');
CREATE TRIGGER verified_trades_no_truncate BEFORE TRUNCATE ON verified_trades EXECUTE FUNCTION refuse_always('HX609');

-- INV-ELIGIBILITY-2: a trade rests on its own license, verified and unexpired. The lock makes a revocation in flight wait.
CREATE FUNCTION trade_needs_license() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held license_verifications;
BEGIN
    SELECT * INTO held FROM license_verifications WHERE id = NEW.license_verification_id FOR SHARE;
    IF held.status IS DISTINCT FROM 'verified' OR held.expires_at <= domain_now()
       OR (held.user_id, held.trade, held.state) IS DISTINCT FROM (NEW.user_id, NEW.trade, NEW.state)
       OR NEW.expires_at IS DISTINCT FROM held.expires_at THEN
        PERFORM refuse('HX606', 'a verified trade rests on a verified, unexpired license', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verified_trade_needs_license BEFORE INSERT OR UPDATE ON verified_trades
    FOR EACH ROW EXECUTE FUNCTION trade_needs_license();

-- INV-ELIGIBILITY-4.
CREATE FUNCTION insurance_needs_trade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('pending', 'verified') THEN
        PERFORM 1 FROM verified_trades WHERE user_id = NEW.user_id AND trade = NEW.trade
            AND (expires_at IS NULL OR expires_at > domain_now()) LIMIT 1 FOR SHARE;
        IF NOT FOUND THEN
            PERFORM refuse('HX608', 'INSURANCE_REQUIRES_VERIFIED_TRADE: no unexpired verified trade', TG_NAME);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER insurance_requires_verified_trade_trigger BEFORE INSERT OR UPDATE ON insurance_verifications
    FOR EACH ROW EXECUTE FUNCTION insurance_needs_trade();

-- Claims are history (§2.1): no update path. Records follow the status machine of §4.1; whose and about what they are
-- never changes, and a verified record is not extended without a review.
CREATE TRIGGER capability_claims_fixed BEFORE UPDATE ON capability_claims
    FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');

CREATE FUNCTION verification_transition_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
    is_now jsonb := to_jsonb(NEW);
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'pending' THEN
            PERFORM refuse('23514', 'a verification starts pending', TG_NAME);
        END IF;
        RETURN NEW;
    END IF;
    was := to_jsonb(OLD);
    IF (was->'id', was->'user_id', was->'trade', was->'state') IS DISTINCT FROM
       (is_now->'id', is_now->'user_id', is_now->'trade', is_now->'state') THEN
        PERFORM refuse('23514', 'a verification keeps its user, trade and state', TG_NAME);
    END IF;
    IF NEW.status = OLD.status THEN
        IF OLD.status = 'verified' AND (NEW.verified_at, NEW.expires_at) IS DISTINCT FROM (OLD.verified_at, OLD.expires_at) THEN
            PERFORM refuse('23514', 'a verified record is not extended without a review', TG_NAME);
        END IF;
    ELSIF (OLD.status, NEW.status) NOT IN (('pending', 'verified'), ('pending', 'failed'), ('verified', 'expired'),
                                           ('verified', 'failed'), ('failed', 'pending'), ('expired', 'pending')) THEN
        PERFORM refuse('23514', format('a verification does not go from %s to %s', OLD.status, NEW.status), TG_NAME);
    ELSIF NEW.status = 'pending' THEN
        NEW.verified_at := NULL;
        NEW.expires_at := NULL;
        NEW.failure_reason := NULL;
    END IF;
    NEW.updated_at := domain_now();
    RETURN NEW;
END $$;
CREATE TRIGGER license_transition_guard BEFORE INSERT OR UPDATE ON license_verifications
    FOR EACH ROW EXECUTE FUNCTION verification_transition_check();
CREATE TRIGGER insurance_transition_guard BEFORE INSERT OR UPDATE ON insurance_verifications
    FOR EACH ROW EXECUTE FUNCTION verification_transition_check();
CREATE TRIGGER background_transition_guard BEFORE INSERT OR UPDATE ON background_checks
    FOR EACH ROW EXECUTE FUNCTION verification_transition_check();

-- §5.2. Deterministic and idempotent: unchanged inputs change nothing but derived_at and updated_at. Creates the profile
-- once onboarding is complete (R0); before that there is nothing to derive.
CREATE FUNCTION recompute_capability(p_user UUID, p_now TIMESTAMPTZ DEFAULT domain_now()) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_profile capability_profiles;
    v_tier INTEGER;
    v_insured TIMESTAMPTZ;
    v_checked TIMESTAMPTZ;
BEGIN
    PERFORM set_config('hustle.recompute', 'on', true);
    SELECT * INTO v_profile FROM capability_profiles WHERE user_id = p_user FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO capability_profiles (user_id, trust_tier, trust_tier_updated_at, risk_clearance, location_state,
                                         location_city, willingness_flags, derived_at, created_at, updated_at)
        SELECT c.user_id, u.trust_tier, p_now, clearance_of_tier(u.trust_tier), c.work_state, c.work_region, c.risk_preferences,
               p_now, p_now, p_now
          FROM capability_claims c JOIN users u ON u.id = c.user_id
         WHERE c.user_id = p_user AND u.onboarding_completed_at IS NOT NULL
        ON CONFLICT DO NOTHING;
        SELECT * INTO v_profile FROM capability_profiles WHERE user_id = p_user FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM set_config('hustle.recompute', '', true);
            RETURN;
        END IF;
    END IF;
    -- Under the profile's lock: a tier that changed while this waited is seen.
    SELECT trust_tier INTO v_tier FROM users WHERE id = p_user;
    DELETE FROM verified_trades v WHERE v.user_id = p_user AND NOT EXISTS (
        SELECT 1 FROM license_verifications l WHERE l.id = v.license_verification_id AND l.status = 'verified'
           AND l.expires_at > p_now AND l.expires_at IS NOT DISTINCT FROM v.expires_at);
    INSERT INTO verified_trades (profile_id, user_id, trade, state, license_verification_id, verified_at, expires_at,
                                 verification_method)
    SELECT v_profile.profile_id, p_user, l.trade, l.state, l.id, l.verified_at, l.expires_at,
           CASE WHEN l.source = 'manual_review' THEN 'manual_review' ELSE 'license_scan' END
      FROM license_verifications l
     WHERE l.user_id = p_user AND l.status = 'verified' AND l.expires_at > p_now
       AND NOT EXISTS (SELECT 1 FROM verified_trades v WHERE v.license_verification_id = l.id);
    SELECT max(expires_at) INTO v_insured FROM insurance_verifications
     WHERE user_id = p_user AND status = 'verified' AND expires_at > p_now;
    SELECT max(expires_at) INTO v_checked FROM background_checks
     WHERE user_id = p_user AND status = 'verified' AND expires_at > p_now;
    UPDATE capability_profiles
       SET trust_tier = v_tier,
           trust_tier_updated_at = CASE WHEN trust_tier <> v_tier THEN p_now ELSE trust_tier_updated_at END,
           risk_clearance = clearance_of_tier(v_tier),
           insurance_valid = v_insured IS NOT NULL, insurance_expires_at = v_insured,
           background_check_valid = v_checked IS NOT NULL, background_check_expires_at = v_checked,
           verification_status = coalesce((SELECT jsonb_object_agg(trade || ':' || state, status)
               FROM license_verifications WHERE user_id = p_user), '{}'),
           expires_at = jsonb_strip_nulls(jsonb_build_object('insurance', v_insured, 'background_check', v_checked))
               || coalesce((SELECT jsonb_object_agg(trade || ':' || state || '_license', v.expires_at)
                              FROM verified_trades v WHERE v.user_id = p_user), '{}'),
           derived_at = p_now, updated_at = p_now
     WHERE user_id = p_user;
    PERFORM set_config('hustle.recompute', '', true);
END $$;

-- R1, R2, R3: every change of a record, whoever makes it.
CREATE FUNCTION recompute_after_verification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recompute_capability(coalesce(NEW.user_id, OLD.user_id));
    RETURN NULL;
END $$;
CREATE TRIGGER license_recompute AFTER INSERT OR UPDATE ON license_verifications
    FOR EACH ROW EXECUTE FUNCTION recompute_after_verification();
CREATE TRIGGER insurance_recompute AFTER INSERT OR UPDATE ON insurance_verifications
    FOR EACH ROW EXECUTE FUNCTION recompute_after_verification();
CREATE TRIGGER background_recompute AFTER INSERT OR UPDATE ON background_checks
    FOR EACH ROW EXECUTE FUNCTION recompute_after_verification();
CREATE TRIGGER license_no_delete BEFORE DELETE ON license_verifications FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER insurance_no_delete BEFORE DELETE ON insurance_verifications FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');
CREATE TRIGGER background_no_delete BEFORE DELETE ON background_checks FOR EACH ROW EXECUTE FUNCTION refuse_always('23514');

-- R4: a tier changed, in either direction.
CREATE FUNCTION recompute_after_tier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recompute_capability(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER trust_tier_recompute AFTER UPDATE OF trust_tier ON users
    FOR EACH ROW WHEN (OLD.trust_tier IS DISTINCT FROM NEW.trust_tier) EXECUTE FUNCTION recompute_after_tier();

-- Urgency is a fact of the posting (api.md §1.8, eligibility.md §6.1).
CREATE FUNCTION task_urgency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.urgency := CASE WHEN NEW.mode = 'LIVE' OR NEW.deadline - NEW.created_at <= interval '2 hours' THEN 'immediate'
                        WHEN NEW.deadline - NEW.created_at <= interval '24 hours' THEN 'same_day'
                        ELSE 'standard' END;
    RETURN NEW;
END $$;
CREATE TRIGGER task_urgency_set BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION task_urgency();
CREATE TRIGGER task_urgency_fixed BEFORE UPDATE OF urgency ON tasks
    FOR EACH ROW WHEN (NEW.urgency IS DISTINCT FROM OLD.urgency) EXECUTE FUNCTION refuse_always('23514');

-- Down Migration
DROP TRIGGER task_urgency_fixed ON tasks;
DROP TRIGGER task_urgency_set ON tasks;
DROP FUNCTION task_urgency();
DROP TRIGGER trust_tier_recompute ON users;
DROP FUNCTION recompute_after_tier();
DROP TRIGGER background_no_delete ON background_checks;
DROP TRIGGER insurance_no_delete ON insurance_verifications;
DROP TRIGGER license_no_delete ON license_verifications;
DROP TRIGGER background_recompute ON background_checks;
DROP TRIGGER insurance_recompute ON insurance_verifications;
DROP TRIGGER license_recompute ON license_verifications;
DROP FUNCTION recompute_after_verification();
DROP FUNCTION recompute_capability(UUID, TIMESTAMPTZ);
DROP TRIGGER background_transition_guard ON background_checks;
DROP TRIGGER insurance_transition_guard ON insurance_verifications;
DROP TRIGGER license_transition_guard ON license_verifications;
DROP FUNCTION verification_transition_check();
DROP TRIGGER capability_claims_fixed ON capability_claims;
DROP TRIGGER insurance_requires_verified_trade_trigger ON insurance_verifications;
DROP FUNCTION insurance_needs_trade();
DROP TRIGGER verified_trade_needs_license ON verified_trades;
DROP FUNCTION trade_needs_license();
DROP TRIGGER verified_trades_no_truncate ON verified_trades;
DROP TRIGGER capability_profile_no_truncate ON capability_profiles;
DROP TRIGGER verified_trades_guard ON verified_trades;
DROP TRIGGER capability_profile_guard ON capability_profiles;
DROP FUNCTION derived_only();
DROP TRIGGER capability_clearance_check ON capability_profiles;
DROP FUNCTION clearance_check();
