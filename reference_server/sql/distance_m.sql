-- Great-circle distance in metres, haversine with the radius of GPS-5.
CREATE OR REPLACE FUNCTION api.distance_m(p_lat1 numeric, p_lng1 numeric, p_lat2 numeric, p_lng2 numeric)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 2 * 6371000 * asin(least(1, sqrt(
        sind((p_lat2 - p_lat1)::double precision / 2) ^ 2
        + cosd(p_lat1::double precision) * cosd(p_lat2::double precision)
          * sind((p_lng2 - p_lng1)::double precision / 2) ^ 2)))
$$;
