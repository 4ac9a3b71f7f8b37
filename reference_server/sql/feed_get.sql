-- feed.get: one page and the position after it. Without a profile, or while the account rests, the feed is empty.
CREATE OR REPLACE FUNCTION api.feed_get(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_mode text := coalesce(p_input->>'feed_mode', 'normal');
    v_limit integer := coalesce((p_input->>'limit')::integer, 20);
    v_lat float8 := (p_input->'location'->>'latitude')::float8;
    v_lng float8 := (p_input->'location'->>'longitude')::float8;
    v_after record;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF v_mode = 'nearby' AND v_lat IS NULL THEN RETURN api.refused('VALIDATION_ERROR', 'location'); END IF;
    SELECT NULL::timestamptz AS created_at, NULL::uuid AS id INTO v_after;
    IF p_input ? 'pagination_cursor' THEN
        SELECT * INTO v_after FROM api.read_feed_cursor(p_input->>'pagination_cursor', v_me.id, v_mode);
        IF v_after.id IS NULL THEN RETURN api.refused('VALIDATION_ERROR', 'pagination_cursor'); END IF;
    END IF;
    WITH page AS (
        SELECT t.*, row_number() OVER () AS place
          FROM api.feed_page(v_me.id, v_me.active, v_me.live_mode_state, p_now, v_mode, v_lat, v_lng,
                             coalesce((p_input->>'radius')::float8, 10), v_after.created_at, v_after.id, v_limit + 1) t),
    shown AS (SELECT p.*, u AS poster FROM page p JOIN users u ON u.id = p.poster_id WHERE p.place <= v_limit)
    SELECT jsonb_build_object(
        'tasks', coalesce(jsonb_agg(jsonb_build_object(
            'id', s.id, 'title', s.title, 'category', s.category, 'price', s.price, 'state', s.state, 'mode', s.mode,
            'risk_level', s.risk_level, 'required_trade', s.required_trade, 'location_state', s.location_state,
            'distance_miles', CASE WHEN v_mode = 'nearby' THEN
                round(api.miles_between(v_lat, v_lng, s.location_lat::float8, s.location_lng::float8)::numeric, 1) END,
            'deadline', api.iso(s.deadline), 'poster', api.user_summary(s.poster),
            'created_at', api.iso(s.created_at)) ORDER BY s.place), '[]'),
        'pagination', jsonb_strip_nulls(jsonb_build_object(
            'has_more', (SELECT count(*) FROM page) > v_limit,
            'next_cursor', (SELECT api.feed_cursor(v_me.id, v_mode, l.created_at, l.id) FROM page l
                             WHERE l.place = v_limit AND (SELECT count(*) FROM page) > v_limit))))
      INTO v_answer FROM shown s;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
