-- §2.2: for how long a decision may be appealed: content alone 7 days, a strike 14, a suspension 30.
CREATE OR REPLACE FUNCTION api.appeal_window(p_severity text) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_severity WHEN 'CRITICAL' THEN interval '720 hours' WHEN 'HIGH' THEN interval '336 hours'
                           ELSE interval '168 hours' END
$$;
