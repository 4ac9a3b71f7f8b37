-- XP from which a level begins (money.md §5); NULL beyond level 10.
CREATE OR REPLACE FUNCTION api.level_threshold(p_level integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (ARRAY[0, 100, 300, 700, 1500, 2700, 4500, 7000, 10500, 18500])[p_level]
$$;
