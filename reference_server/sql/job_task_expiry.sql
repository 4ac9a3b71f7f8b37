-- T12 and T13: OPEN and ACCEPTED tasks past their deadline expire with a full refund. p_task_ids NULL: all of them.
-- Everything is locked in the general order before anything is changed, several tasks in the order of their ids.
CREATE OR REPLACE FUNCTION api.job_task_expiry(p_now timestamptz, p_task_ids uuid[], p_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[];
    v_escrow escrows;
BEGIN
    IF api.frozen('REFUNDS') THEN RETURN 0; END IF;
    v_ids := ARRAY(SELECT id FROM tasks WHERE state IN ('OPEN', 'ACCEPTED') AND deadline < p_now
                      AND (p_task_ids IS NULL OR id = ANY (p_task_ids)) ORDER BY id LIMIT p_limit FOR NO KEY UPDATE);
    PERFORM 1 FROM escrows WHERE task_id = ANY (v_ids) ORDER BY task_id FOR NO KEY UPDATE;
    UPDATE tasks SET state = 'EXPIRED', expired_at = p_now WHERE id = ANY (v_ids);
    FOR v_escrow IN SELECT * FROM escrows WHERE task_id = ANY (v_ids) LOOP
        PERFORM api.refund_escrow(v_escrow, p_now);
    END LOOP;
    RETURN cardinality(v_ids);
END $$;
