-- eligibility.check: every test of task.accept with its result, by the same functions.
CREATE OR REPLACE FUNCTION api.eligibility_check(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_gaps integer;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    SELECT api.capability_gaps(t, c.has_profile, c.state, c.tier, c.clearance, c.trades, c.insured, c.background)
         + api.takeable_gaps(t, (SELECT e.state FROM escrows e WHERE e.task_id = t.id), v_me.id, v_me.active,
                             v_me.live_mode_state, p_now)
         + CASE WHEN api.risk_refusal(v_me.id, p_now) IS NULL THEN 0 ELSE 2048 END
         + CASE WHEN api.flag('abuse_guards') AND (api.abuse_between(t.poster_id, v_me.id, p_now) IS NOT NULL
                     OR api.has_enough_work(v_me.id, p_now)) THEN 4096 ELSE 0 END
         + CASE WHEN api.city_only() AND NOT api.in_seattle(t.location_lat, t.location_lng) THEN 8192 ELSE 0 END
      INTO v_gaps FROM tasks t, api.capability(v_me.id, p_now) c WHERE t.id = v_task.id;
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'eligible', v_gaps = 0,
        'checks', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'name', k.name, 'passed', v_gaps & (1 << k.place::integer - 1) = 0, 'requirement', k.asks)) ORDER BY k.place)
            FROM unnest(
                '{profile,location_state,verified_trade,trust_tier,risk_clearance,insurance,background_check,open,not_own_task,account_active,live_state,risk_score,abuse_guards,city}'::text[],
                ARRAY[NULL, v_task.location_state, v_task.required_trade, v_task.required_trust_tier::text, v_task.risk_level,
                      CASE WHEN v_task.insurance_required THEN coalesce(v_task.required_trade, 'any trade') END,
                      CASE WHEN v_task.background_check_required THEN 'valid' END, NULL, NULL, NULL,
                      CASE WHEN v_task.mode = 'LIVE' THEN 'ACTIVE' END, NULL, NULL, NULL]) WITH ORDINALITY AS k(name, asks, place))));
END $$;
