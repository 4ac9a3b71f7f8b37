-- An opaque keyset position: microseconds and id of the last task shown, bound to its reader and mode by a digest, so
-- that a changed or foreign cursor is a validation error (eligibility.md §8). No part of it contains the separator.
CREATE OR REPLACE FUNCTION api.feed_cursor(p_user_id uuid, p_mode text, p_created_at timestamptz, p_id uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT translate(encode(convert_to(body || '|' || left(encode(sha256(convert_to(
               body || '|' || p_mode || '|' || p_user_id, 'UTF8')), 'hex'), 24), 'UTF8'), 'base64'), E'+/=\n', '-_')
      FROM (SELECT (extract(epoch FROM p_created_at) * 1000000)::bigint || '|' || p_id AS body) b
$$;

CREATE OR REPLACE FUNCTION api.read_feed_cursor(p_cursor text, p_user_id uuid, p_mode text,
                                                OUT created_at timestamptz, OUT id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_parts text[];
BEGIN
    v_parts := string_to_array(convert_from(decode(translate(p_cursor, '-_', '+/')
                   || repeat('=', (4 - length(p_cursor) % 4) % 4), 'base64'), 'UTF8'), '|');
    created_at := timestamptz 'epoch' + v_parts[1]::bigint * interval '1 microsecond';
    id := v_parts[2]::uuid;
    IF api.feed_cursor(p_user_id, p_mode, created_at, id) IS DISTINCT FROM p_cursor THEN
        id := NULL;
    END IF;
EXCEPTION WHEN data_exception OR invalid_text_representation OR numeric_value_out_of_range THEN
    id := NULL;
END $$;
