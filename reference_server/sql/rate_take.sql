-- Takes one call out of each of these allowances, or out of none (§4): the calls of the last p_windows[i] milliseconds
-- count, so that no edge of a window lets twice the limit through; a refused call does not count. Keys come sorted, so
-- that two calls that share several never wait in a circle. Answers {allowed, limit, remaining, wait_ms}.
CREATE OR REPLACE FUNCTION api.rate_take(p_keys text[], p_limits integer[], p_windows bigint[], p_now timestamptz)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_hits timestamptz[];
    v_window interval;
    v_left integer := 2147483647;
    v_limit integer := 0;
BEGIN
    IF random() < 0.001 THEN
        DELETE FROM rate_hits WHERE key IN (SELECT key FROM rate_hits WHERE expires_at < p_now LIMIT 500
                                              FOR UPDATE SKIP LOCKED);
    END IF;
    FOR i IN 1..cardinality(p_keys) LOOP
        v_window := p_windows[i] * interval '1 millisecond';
        INSERT INTO rate_hits (key, expires_at) VALUES (p_keys[i], p_now + v_window) ON CONFLICT (key) DO NOTHING;
        SELECT hits INTO v_hits FROM rate_hits WHERE key = p_keys[i] FOR UPDATE;
        v_hits := ARRAY(SELECT h FROM unnest(v_hits) h WHERE h > p_now - v_window ORDER BY h);
        IF cardinality(v_hits) >= p_limits[i] THEN
            RETURN jsonb_build_object('allowed', false, 'limit', p_limits[i], 'remaining', 0,
                'wait_ms', ceil(extract(epoch FROM v_hits[1] + v_window - p_now) * 1000)::bigint);
        END IF;
        IF p_limits[i] - cardinality(v_hits) - 1 < v_left THEN
            v_left := p_limits[i] - cardinality(v_hits) - 1;
            v_limit := p_limits[i];
        END IF;
    END LOOP;
    FOR i IN 1..cardinality(p_keys) LOOP
        v_window := p_windows[i] * interval '1 millisecond';
        UPDATE rate_hits SET hits = ARRAY(SELECT h FROM unnest(hits) h WHERE h > p_now - v_window) || p_now,
                             expires_at = p_now + v_window
         WHERE key = p_keys[i];
    END LOOP;
    RETURN jsonb_build_object('allowed', true, 'limit', v_limit, 'remaining', v_left, 'wait_ms', 0);
END $$;
