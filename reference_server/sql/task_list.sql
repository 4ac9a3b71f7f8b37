-- Filters that are not given hold for every task. Total and page come from one statement.
CREATE OR REPLACE FUNCTION api.task_list(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_filter jsonb := coalesce(p_input->'filter', '{}');
    v_limit integer := coalesce((p_input->'pagination'->>'limit')::integer, 20);
    v_offset integer := coalesce((p_input->'pagination'->>'offset')::integer, 0);
    v_column text := coalesce(p_input->'sort'->>'field', 'created_at');
    v_direction text := CASE WHEN p_input->'sort'->>'direction' = 'asc' THEN 'ASC' ELSE 'DESC' END;
    v_states text[] := CASE jsonb_typeof(v_filter->'state')
        WHEN 'string' THEN ARRAY[v_filter->>'state']
        WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(v_filter->'state')) END;
    v_where text := 'true';
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF v_states IS NOT NULL THEN v_where := v_where || ' AND t.state = ANY ($1)'; END IF;
    IF v_filter ? 'category' THEN v_where := v_where || ' AND t.category = $2->>''category'''; END IF;
    IF v_filter ? 'mode' THEN v_where := v_where || ' AND t.mode = $2->>''mode'''; END IF;
    IF v_filter ? 'poster_id' THEN v_where := v_where || ' AND t.poster_id = ($2->>''poster_id'')::uuid'; END IF;
    IF v_filter ? 'worker_id' THEN v_where := v_where || ' AND t.worker_id = ($2->>''worker_id'')::uuid'; END IF;
    IF v_filter ? 'min_price' THEN v_where := v_where || ' AND t.price >= ($2->>''min_price'')::integer'; END IF;
    IF v_filter ? 'max_price' THEN v_where := v_where || ' AND t.price <= ($2->>''max_price'')::integer'; END IF;
    EXECUTE format(
        'WITH page AS (SELECT t.* FROM tasks t WHERE %1$s ORDER BY t.%2$I %3$s, t.id %3$s LIMIT $3 OFFSET $4),
              whole AS (SELECT count(*) AS total FROM tasks t WHERE %1$s)
         SELECT jsonb_build_object(
             ''tasks'', coalesce((SELECT jsonb_agg(jsonb_build_object(
                 ''id'', t.id, ''title'', t.title, ''category'', t.category, ''price'', t.price, ''state'', t.state,
                 ''mode'', t.mode,
                 ''location'', CASE WHEN $6 OR $5 = t.poster_id OR $5 = t.worker_id THEN t.location END,
                 ''deadline'', api.iso(t.deadline), ''poster'', api.user_summary(u),
                 ''created_at'', api.iso(t.created_at)) ORDER BY t.%2$I %3$s, t.id %3$s)
                 FROM page t JOIN users u ON u.id = t.poster_id), ''[]''),
             ''total'', whole.total, ''has_more'', whole.total > $3::bigint + $4) FROM whole',
        v_where, v_column, v_direction)
    INTO v_answer USING v_states, v_filter, v_limit, v_offset, v_me.id, v_me.is_admin;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
