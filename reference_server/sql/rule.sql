-- A number of marketplace_rules; a missing rule raises, it does not become 0 (OPS-11).
CREATE OR REPLACE FUNCTION api.rule(p_key text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_value bigint := (SELECT value::text::bigint FROM marketplace_rules WHERE city = '' AND key = p_key);
BEGIN
    IF v_value IS NULL THEN RAISE EXCEPTION 'no marketplace rule %', p_key; END IF;
    RETURN v_value;
END $$;
