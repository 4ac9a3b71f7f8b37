-- SAF-21: an admin moves somebody else's held money with a reason and a key; above the limit another admin, who still may,
-- must have agreed within the last day.

-- The answer that was given under this key, a refusal when it was for something else, or NULL: the key is new.
CREATE OR REPLACE FUNCTION api.override_known(p_admin_id uuid, p_act text, p_escrow_id uuid, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_done money_overrides;
BEGIN
    SELECT * INTO v_done FROM money_overrides
     WHERE admin_user_id = p_admin_id AND idempotency_key = p_input->>'idempotency_key';
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF v_done.escrow_id <> p_escrow_id OR v_done.act <> p_act THEN
        RETURN api.refused('CONFLICT', 'idempotency_key', 'KEY_USED');
    END IF;
    RETURN jsonb_build_object('ok', v_done.answer);
END $$;

CREATE OR REPLACE FUNCTION api.override_agreed(p_admin_id uuid, p_act text, p_escrow_id uuid, p_amount integer,
                                               p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_amount <= api.rule('max_override_alone_cents')
        OR EXISTS (SELECT 1 FROM override_approvals o JOIN admin_roles a ON a.user_id = o.approved_by
                    WHERE o.escrow_id = p_escrow_id AND o.act = p_act AND o.approved_by <> p_admin_id
                      AND a.can_override_escrow
                      AND o.approved_at > p_now - interval '24 hours' AND o.approved_at <= p_now);
END $$;

-- Asked of whoever is about to move money: a refusal, or NULL: go on.
CREATE OR REPLACE FUNCTION api.override_refusal(p_admin_id uuid, p_role text, p_act text, p_escrow escrows, p_poster_id uuid,
                                                p_input jsonb, p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF length(coalesce(p_input->>'reason', '')) < 10 THEN RETURN api.refused('VALIDATION_ERROR', 'reason'); END IF;
    IF NOT p_input ? 'idempotency_key' THEN RETURN api.refused('VALIDATION_ERROR', 'idempotency_key'); END IF;
    IF api.override_agreed(p_admin_id, p_act, p_escrow.id, p_escrow.amount, p_now) THEN RETURN NULL; END IF;
    RETURN api.refuse_admin(p_admin_id, p_role, 'escrow_' || p_act, p_input, p_poster_id, p_now, 'CONFLICT', 'SECOND_ADMIN');
END $$;

-- The money has moved: the key's answer, and the row of the audit.
CREATE OR REPLACE FUNCTION api.override_done(p_admin_id uuid, p_role text, p_act text, p_escrow escrows, p_user_id uuid,
                                             p_input jsonb, p_answer jsonb, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO money_overrides (admin_user_id, idempotency_key, escrow_id, act, reason, answer, performed_at)
    VALUES (p_admin_id, p_input->>'idempotency_key', p_escrow.id, p_act, p_input->>'reason', p_answer, p_now);
    PERFORM api.log_admin(p_admin_id, p_role, 'escrow_' || p_act, p_input, p_escrow.task_id, p_escrow.id, NULL, p_user_id,
                          p_now);
END $$;
