-- P4 with T5, and decision 4: a proof that waited 48 h is accepted, a task whose accepted proof waited 48 h for
-- task.complete is completed. p_task_ids NULL: all of them; otherwise in the order of that list.
CREATE OR REPLACE FUNCTION api.job_review_timeout(p_now timestamptz, p_task_ids uuid[], p_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[];
    v_due record;
    v_count integer := 0;
BEGIN
    IF api.frozen('MARKETPLACE') THEN RETURN 0; END IF;
    v_ids := ARRAY(SELECT t.id FROM tasks t WHERE t.state = 'PROOF_SUBMITTED'
                      AND (p_task_ids IS NULL OR t.id = ANY (p_task_ids))
                      AND NOT api.withheld(t.poster_id, t.worker_id, p_now)
                      AND EXISTS (SELECT 1 FROM proofs p WHERE p.task_id = t.id AND (
                              (p.state = 'SUBMITTED' AND p.review_deadline < p_now)
                              OR (p.state = 'ACCEPTED' AND p.reviewed_at < p_now - interval '48 hours')))
                    ORDER BY t.id LIMIT p_limit FOR NO KEY UPDATE OF t);
    PERFORM 1 FROM escrows WHERE task_id = ANY (v_ids) ORDER BY task_id FOR NO KEY UPDATE;
    PERFORM 1 FROM proofs WHERE task_id = ANY (v_ids) ORDER BY task_id, id FOR NO KEY UPDATE;
    PERFORM 1 FROM users WHERE id IN (SELECT worker_id FROM tasks WHERE id = ANY (v_ids)) ORDER BY id FOR NO KEY UPDATE;
    FOR v_due IN
        SELECT t.id AS task_id, t.worker_id, e.id AS escrow_id, p.id AS proof_id, p.state AS proof_state
          FROM tasks t JOIN escrows e ON e.task_id = t.id
          JOIN LATERAL (SELECT * FROM proofs x WHERE x.task_id = t.id ORDER BY x.created_at DESC LIMIT 1) p ON true
         WHERE t.id = ANY (v_ids) AND t.state = 'PROOF_SUBMITTED' AND e.state = 'FUNDED'
           AND ((p.state = 'SUBMITTED' AND p.review_deadline < p_now)
                OR (p.state = 'ACCEPTED' AND p.reviewed_at < p_now - interval '48 hours'))
         ORDER BY array_position(p_task_ids, t.id), t.proof_submitted_at, t.id
    LOOP
        IF v_due.proof_state = 'SUBMITTED' THEN
            UPDATE proofs SET state = 'ACCEPTED', reviewed_at = p_now WHERE id = v_due.proof_id;
        END IF;
        PERFORM api.complete_task(v_due.task_id, v_due.worker_id, p_now);
        PERFORM api.release_escrow(v_due.escrow_id, p_now);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;
