-- The tasks that this worker may take, newest first, after a position (eligibility.md §8): everything is decided here,
-- nothing is filtered afterwards. Reads idx_tasks_feed downwards until the page is full; nearby looks into a box of
-- idx_tasks_open_place first.
CREATE OR REPLACE FUNCTION api.feed_page(p_user_id uuid, p_active boolean, p_live_state text, p_now timestamptz,
    p_mode text, p_lat float8, p_lng float8, p_miles float8, p_after_at timestamptz, p_after_id uuid, p_limit integer)
RETURNS SETOF tasks LANGUAGE plpgsql STABLE
-- The planner cannot know how few tasks a worker's capabilities leave: it would read and sort the whole table.
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    c record;
    v_guarded boolean := api.flag('abuse_guards');
    v_query text;
    v_lat_span float8 := p_miles / 69.0;
    v_lng_span float8;
BEGIN
    c := api.capability(p_user_id, p_now);
    IF NOT c.has_profile OR NOT p_active OR api.risk_refusal(p_user_id, p_now) IS NOT NULL
       OR (v_guarded AND api.has_enough_work(p_user_id, p_now)) THEN RETURN; END IF;
    v_query := 'SELECT t.* FROM tasks t
         WHERE t.state = ''OPEN'' AND t.location_state = $1::bpchar
           AND ($2 IS NULL OR (t.created_at, t.id) < ($2, $3))
           AND api.capability_gaps(t, true, $1, $4, $5, $6, $7, $8) = 0
           AND (t.task_category <> ''in_home_care'' OR $9)
           AND (t.risk_level NOT IN (''high'', ''critical'') OR $10)
           AND (t.urgency <> ''immediate'' OR $11)
           AND api.takeable_gaps(t, (SELECT e.state FROM escrows e WHERE e.task_id = t.id), $12, true, $13, $14) = 0';
    IF v_guarded THEN v_query := v_query || ' AND api.abuse_between(t.poster_id, $12, $14) IS NULL'; END IF;
    IF api.city_only() THEN v_query := v_query || ' AND api.in_seattle(t.location_lat, t.location_lng)'; END IF;
    IF p_mode = 'urgent' THEN
        v_query := v_query || ' AND t.urgency = ''immediate'' AND t.created_at > $14 - interval ''30 minutes''';
    ELSIF p_mode = 'nearby' THEN
        v_query := v_query || ' AND point(t.location_lng::float8, t.location_lat::float8) <@ $15
           AND api.miles_between($16, $17, t.location_lat::float8, t.location_lng::float8) <= $18';
        -- A mile is at most 1/69 of a degree of latitude at this radius; of longitude it grows with the latitude.
        v_lng_span := least(v_lat_span / greatest(cos(radians(least(abs(p_lat) + v_lat_span, 89.9))), 0.001), 360);
    END IF;
    RETURN QUERY EXECUTE v_query || ' ORDER BY t.created_at DESC, t.id DESC LIMIT $19'
        USING c.state, p_after_at, p_after_id, c.tier, c.clearance, c.trades, c.insured, c.background,
              coalesce((c.willing->>'in_home_work')::boolean, false),
              coalesce((c.willing->>'high_risk_tasks')::boolean, false),
              coalesce((c.willing->>'urgent_jobs')::boolean, false), p_user_id, p_live_state, p_now,
              box(point(p_lng - v_lng_span, p_lat - v_lat_span), point(p_lng + v_lng_span, p_lat + v_lat_span)),
              p_lat, p_lng, p_miles, p_limit;
END $$;
