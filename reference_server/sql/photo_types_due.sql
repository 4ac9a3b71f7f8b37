-- proof-and-gps.md §2.1: the kinds of photos that a category asks for.
CREATE OR REPLACE FUNCTION api.photo_types_due(p_category text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_category IN ('cleaning', 'moving', 'pet_care', 'handyman', 'yard_work')
                THEN ARRAY['before', 'after'] ELSE ARRAY['result'] END
$$;
