-- Several rows closed in one transaction, in the order of their ids: [{id, object_id}].
CREATE OR REPLACE FUNCTION api.outbox_done_all(p_done jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_done record;
BEGIN
    FOR v_done IN SELECT (d->>'id')::uuid AS id, d->>'object_id' AS object_id FROM jsonb_array_elements(p_done) d ORDER BY 1
    LOOP
        PERFORM api.outbox_done(v_done.id, v_done.object_id);
    END LOOP;
END $$;
