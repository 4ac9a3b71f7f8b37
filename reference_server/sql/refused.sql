-- The refusal of a call: a code of error-codes.md, the input field that it is about, and why in one word.
CREATE OR REPLACE FUNCTION api.refused(p_code text, p_field text DEFAULT NULL, p_message text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('refused', p_code, 'field', p_field, 'message', p_message))
$$;
