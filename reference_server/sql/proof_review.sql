-- P2 and P3 (with T4): the poster's verdict. A rejection gives the task back to its worker.
CREATE OR REPLACE FUNCTION api.proof_review(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb,
                                            p_verdict text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_proof proofs;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT t.* INTO v_task FROM tasks t
     WHERE t.id = (SELECT task_id FROM proofs WHERE id = (p_input->>'proof_id')::uuid) FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id <> v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    SELECT * INTO v_proof FROM proofs WHERE id = (p_input->>'proof_id')::uuid FOR NO KEY UPDATE;
    IF v_task.state <> 'PROOF_SUBMITTED' OR v_proof.state <> 'SUBMITTED' THEN RETURN api.refused('CONFLICT'); END IF;
    UPDATE proofs SET state = p_verdict, reviewed_by = v_me.id, reviewed_at = p_now,
                      rejection_reason = CASE p_verdict WHEN 'REJECTED' THEN p_input->>'reason' END
     WHERE id = v_proof.id;
    IF p_verdict = 'REJECTED' THEN UPDATE tasks SET state = 'ACCEPTED' WHERE id = v_task.id; END IF;
    RETURN jsonb_build_object('ok', jsonb_strip_nulls(jsonb_build_object(
        'id', v_proof.id, 'state', p_verdict, 'reviewed_by', v_me.id, 'reviewed_at', api.iso(p_now),
        'rejection_reason', CASE p_verdict WHEN 'REJECTED' THEN p_input->>'reason' END)));
END $$;
