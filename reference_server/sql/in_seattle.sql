-- Box A of proof-and-gps.md, edges included; no place is no city.
CREATE OR REPLACE FUNCTION api.in_seattle(p_latitude numeric, p_longitude numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(p_latitude BETWEEN 47.4919 AND 47.7341 AND p_longitude BETWEEN -122.4596 AND -122.2244, false)
$$;
