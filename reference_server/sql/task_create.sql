-- T1 with E0: an OPEN task and its PENDING escrow, amount = price (C5).
CREATE OR REPLACE FUNCTION api.task_create(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_risk record;
    v_abuse text;
    v_task tasks;
    v_escrow_id uuid;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF api.moderate('task', v_me.id, v_me.id, concat_ws(E'\n', p_input->>'title', p_input->>'description',
                                                       p_input->>'requirements'), p_now) THEN
        RETURN api.refused('VALIDATION_ERROR', 'description', 'CONTENT_BLOCKED');
    END IF;
    IF api.frozen('MARKETPLACE') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    v_abuse := api.abuse_in_task(v_me.id, p_input->>'title', p_input->>'description', p_now);
    IF v_abuse IS NOT NULL THEN RETURN api.refused('CONFLICT', NULL, v_abuse); END IF;
    IF api.city_only() AND NOT api.in_seattle((p_input->>'location_lat')::numeric, (p_input->>'location_lng')::numeric) THEN
        RETURN api.refused('HX503', NULL, 'SEATTLE_ONLY');
    END IF;
    IF api.beta_task_full() THEN RETURN api.refused('CONFLICT', NULL, 'BETA_IS_FULL'); END IF;
    v_risk := api.classify_task(p_input->>'category', p_input->'risk_answers');
    INSERT INTO tasks (poster_id, title, description, requirements, location, location_lat, location_lng, category,
                       price, deadline, mode, requires_proof, proof_instructions, created_at,
                       task_category, risk_level, required_trade, required_trust_tier, insurance_required,
                       background_check_required, location_state, classification_confidence,
                       classification_rules_applied)
    VALUES (v_me.id, p_input->>'title', p_input->>'description', p_input->>'requirements', p_input->>'location',
            (p_input->>'location_lat')::numeric, (p_input->>'location_lng')::numeric, p_input->>'category',
            (p_input->>'price')::integer, (p_input->>'deadline')::timestamptz, coalesce(p_input->>'mode', 'STANDARD'),
            coalesce((p_input->>'requires_proof')::boolean, true), p_input->>'proof_instructions', p_now,
            p_input->>'category', v_risk.risk_level, v_risk.required_trade, v_risk.required_trust_tier,
            v_risk.insurance_required, v_risk.background_check_required, coalesce(p_input->>'location_state', 'WA'),
            1, v_risk.rules)
    RETURNING * INTO v_task;
    INSERT INTO escrows (task_id, amount, created_at) VALUES (v_task.id, v_task.price, p_now)
    RETURNING id INTO v_escrow_id;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'id', v_task.id, 'poster_id', v_task.poster_id, 'state', v_task.state, 'created_at', api.iso(v_task.created_at),
        'escrow_id', v_escrow_id, 'payment_intent_id', NULL));
END $$;
