-- The refusal of a call: a code of error-codes.md, and the input field that it is about.
CREATE OR REPLACE FUNCTION api.refused(p_code text, p_field text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('refused', p_code, 'field', p_field))
$$;
