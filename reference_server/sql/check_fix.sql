-- GPS-1 to GPS-7 and the sums of §5.5 (proof-and-gps.md), in this order. Answers {"refused"?, "field"?, "signals":{kind:weight},
-- "risk", "review", "distance", "zone", "repeats", "captured_at"}. The worker's row is locked: consecutive fixes follow one another.
CREATE OR REPLACE FUNCTION api.check_fix(p_task tasks, p_worker uuid, p_now timestamptz, p_input jsonb, p_required boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_lat numeric(10,7) := (p_input->>'gps_lat')::numeric;
    v_lng numeric(10,7) := (p_input->>'gps_lng')::numeric;
    v_accuracy numeric(7,1) := ceil((p_input->>'gps_accuracy_m')::numeric * 10) / 10;  -- 100.04 is above 100
    v_at timestamptz := (p_input->>'gps_captured_at')::timestamptz;
    v_last proof_locations;
    v_signals jsonb := '{}';
    v_risk integer := 0;
    v_distance double precision;
    v_metres double precision;
    v_seconds double precision;
    v_repeats integer := 1;
    v_advice integer;
BEGIN
    IF v_lat IS NULL AND v_lng IS NULL AND v_accuracy IS NULL AND v_at IS NULL AND NOT p_required THEN
        RETURN jsonb_build_object('signals', v_signals, 'risk', 0, 'review', false);
    END IF;
    IF v_lat IS NULL OR v_lng IS NULL OR v_accuracy IS NULL OR v_at IS NULL THEN  -- GPS-1: zero is a number
        RETURN api.refused('VALIDATION_ERROR', CASE WHEN v_lat IS NULL THEN 'gps_lat' WHEN v_lng IS NULL THEN 'gps_lng'
                           WHEN v_accuracy IS NULL THEN 'gps_accuracy_m' ELSE 'gps_captured_at' END);
    END IF;
    IF v_accuracy > 100 THEN  -- GPS-3
        RETURN api.refused('VALIDATION_ERROR', 'gps_accuracy_m') || '{"signals": {"poor_accuracy": 10}}';
    END IF;
    PERFORM 1 FROM users WHERE id = p_worker FOR NO KEY UPDATE;
    SELECT * INTO v_last FROM proof_locations WHERE user_id = p_worker ORDER BY position DESC LIMIT 1;
    IF FOUND AND v_last.latitude = v_lat AND v_last.longitude = v_lng THEN v_repeats := v_last.repeats + 1; END IF;
    -- §5.6: seen, but none of them decides alone.
    IF v_accuracy = 0 THEN v_signals := v_signals || '{"zero_accuracy": 0}'; END IF;
    IF (p_input->>'gps_mock')::boolean THEN v_signals := v_signals || '{"mock_location": 0}'; END IF;
    IF v_repeats > 3 THEN v_signals := v_signals || '{"repeated_point": 0}'; END IF;
    IF scale(trim_scale(v_lat)) <= 4 AND scale(trim_scale(v_lng)) <= 4 THEN
        v_signals := v_signals || '{"coarse_coordinates": 0}';
    END IF;
    IF v_lat = p_task.location_lat AND v_lng = p_task.location_lng THEN
        v_signals := v_signals || '{"exact_task_point": 0}';
    END IF;
    v_advice := (SELECT count(*) FROM jsonb_object_keys(v_signals));
    IF v_accuracy > 50 THEN
        v_signals := v_signals || '{"poor_accuracy": 10}';
        v_risk := v_risk + 10;
    END IF;
    IF (p_input->>'gps_lat')::numeric NOT BETWEEN 47.4919 AND 47.7341
       OR (p_input->>'gps_lng')::numeric NOT BETWEEN -122.4596 AND -122.2244 THEN  -- GPS-4
        RETURN api.refused('VALIDATION_ERROR', 'gps_lat') || jsonb_build_object('signals', v_signals || '{"outside_city": 0}');
    END IF;
    IF p_task.location_lat IS NOT NULL AND p_task.location_lng IS NOT NULL THEN  -- GPS-5
        v_distance := api.distance_m(v_lat, v_lng, p_task.location_lat, p_task.location_lng);
        IF v_distance > 500 THEN
            RETURN api.refused('VALIDATION_ERROR', 'gps_lat') || jsonb_build_object('signals', v_signals || '{"out_of_range": 40}');
        ELSIF v_distance > 100 THEN
            v_signals := v_signals || '{"out_of_range": 15}';
            v_risk := v_risk + 15;
        END IF;
    END IF;
    IF v_at > p_now + interval '60 seconds' THEN  -- GPS-6, §5.4
        RETURN api.refused('VALIDATION_ERROR', 'gps_captured_at') || jsonb_build_object('signals', v_signals || '{"time_manipulation": 20}');
    ELSIF v_at < p_now - interval '300 seconds' THEN
        v_signals := v_signals || '{"time_manipulation": 20}';
        v_risk := v_risk + 20;
    END IF;
    v_at := least(v_at, p_now);
    -- GPS-7. The very same fix once more is no journey.
    IF v_last.proof_id IS NOT NULL AND (v_last.latitude, v_last.longitude, v_last.accuracy_m, v_last.captured_at)
       IS DISTINCT FROM (v_lat, v_lng, v_accuracy, v_at) THEN
        v_seconds := extract(epoch FROM v_at - v_last.captured_at);
        IF v_seconds <= 0 THEN
            RETURN api.refused('VALIDATION_ERROR', 'gps_captured_at') || jsonb_build_object('signals', v_signals || '{"time_manipulation": 20}');
        END IF;
        v_metres := api.distance_m(v_last.latitude, v_last.longitude, v_lat, v_lng);
        IF v_metres > v_last.accuracy_m + v_accuracy AND v_metres / v_seconds * 3.6 > 100 THEN
            v_signals := v_signals || '{"impossible_travel": 30}';
            v_risk := v_risk + 30;
        END IF;
    END IF;
    IF v_risk >= 50 THEN  -- §5.5
        RETURN api.refused('VALIDATION_ERROR', 'gps_lat') || jsonb_build_object('signals', v_signals);
    END IF;
    RETURN jsonb_build_object('signals', v_signals, 'risk', v_risk, 'review', v_risk >= 30 OR v_advice >= 2,
        'advice', v_advice, 'distance', v_distance, 'repeats', v_repeats, 'captured_at', v_at,
        'zone', (SELECT slug FROM city_zones WHERE v_lat BETWEEN south AND north AND v_lng BETWEEN west AND east
                  ORDER BY position LIMIT 1));
END $$;
