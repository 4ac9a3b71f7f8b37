-- T2. Order of refusals: error-codes.md §4.
CREATE OR REPLACE FUNCTION api.task_accept(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_abuse text;
    v_can record;
    v_gaps integer;
    v_risk text;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id = v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.mode = 'LIVE' AND v_me.live_mode_state IS DISTINCT FROM 'ACTIVE' THEN RETURN api.refused('HX903'); END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    IF v_task.state <> 'OPEN' OR v_escrow.state IS DISTINCT FROM 'FUNDED' OR v_task.deadline < p_now THEN
        RETURN api.refused('CONFLICT');
    END IF;
    IF api.frozen('MARKETPLACE') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    v_abuse := api.abuse_in_accept(v_task.poster_id, v_me.id, p_now);
    IF v_abuse IS NOT NULL THEN RETURN api.refused(v_abuse); END IF;
    -- Fresh evidence (eligibility.md §9): a revocation in flight is either seen here or waits for this acceptance.
    PERFORM 1 FROM capability_profiles WHERE user_id = v_me.id FOR SHARE;
    v_can := api.capability(v_me.id, p_now);
    v_gaps := api.capability_gaps(v_task, v_can.has_profile, v_can.state, v_can.tier, v_can.clearance, v_can.trades,
                                  v_can.insured, v_can.background);
    IF v_gaps <> 0 THEN RETURN api.refused('HX609'); END IF;
    IF api.city_only() AND NOT api.in_seattle(v_task.location_lat, v_task.location_lng) THEN  -- ELG-15
        RETURN api.refused('HX609', NULL, 'SEATTLE_ONLY');
    END IF;
    v_risk := api.risk_refusal(v_me.id, p_now);
    IF v_risk IS NOT NULL THEN RETURN api.refused(v_risk); END IF;
    UPDATE tasks SET state = 'ACCEPTED', worker_id = v_me.id, accepted_at = p_now WHERE id = v_task.id;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'id', v_task.id, 'state', 'ACCEPTED', 'worker_id', v_me.id, 'accepted_at', api.iso(p_now)));
END $$;
