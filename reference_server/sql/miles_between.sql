-- Great-circle distance with the radius of eligibility.md §8.
CREATE OR REPLACE FUNCTION api.miles_between(p_lat1 float8, p_lng1 float8, p_lat2 float8, p_lng2 float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 2 * 3959 * asin(sqrt(least(1.0, sin(radians(p_lat2 - p_lat1) / 2) ^ 2
         + cos(radians(p_lat1)) * cos(radians(p_lat2)) * sin(radians(p_lng2 - p_lng1) / 2) ^ 2)))
$$;
