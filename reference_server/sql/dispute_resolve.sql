-- D4: the verdict of an admin who is not a party, with T8/E6, T9/E7 or T9/E8. The order of writes is the one of
-- state-machines.md §3: proof, task, escrow (with XP), dispute, audit row.
CREATE OR REPLACE FUNCTION api.dispute_resolve(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_proof proofs;
    v_dispute disputes;
    v_resolution text := p_input->>'resolution';
    v_hustler boolean := v_resolution = 'HUSTLER_WINS';
    v_escrow_state text;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT t.* INTO v_task FROM tasks t
     WHERE t.id = (SELECT task_id FROM disputes WHERE id = (p_input->>'dispute_id')::uuid) FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF NOT v_me.can_resolve_disputes OR v_me.id IN (v_task.poster_id, v_task.worker_id) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'dispute_resolve', p_input, v_task.worker_id, p_now);
    END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    SELECT * INTO v_proof FROM proofs WHERE task_id = v_task.id ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE;
    SELECT * INTO v_dispute FROM disputes WHERE id = (p_input->>'dispute_id')::uuid FOR NO KEY UPDATE;
    IF v_dispute.state = 'RESOLVED' OR v_task.state <> 'DISPUTED' OR v_escrow.state <> 'LOCKED_DISPUTE' THEN
        RETURN api.refused('CONFLICT');
    END IF;
    IF v_hustler THEN
        UPDATE proofs SET state = 'ACCEPTED', reviewed_by = v_me.id, reviewed_at = p_now
         WHERE id = v_proof.id AND state IN ('SUBMITTED', 'REJECTED');
        PERFORM api.complete_task(v_task.id, v_task.worker_id, p_now);
        PERFORM api.release_escrow(v_escrow.id, p_now);
        v_escrow_state := 'RELEASED';
    ELSE
        UPDATE proofs SET state = 'REJECTED', reviewed_by = v_me.id, reviewed_at = p_now,
                          rejection_reason = 'Dispute resolved: ' || v_resolution
         WHERE id = v_proof.id AND state = 'SUBMITTED';
        UPDATE tasks SET state = 'CANCELLED', cancelled_at = p_now WHERE id = v_task.id;
        IF v_resolution = 'SPLIT' THEN
            PERFORM api.split_escrow(v_escrow, (p_input->>'split_percent')::integer, v_task.worker_id, p_now);
            v_escrow_state := 'REFUND_PARTIAL';
        ELSE
            PERFORM api.refund_escrow(v_escrow, p_now);
            v_escrow_state := 'REFUNDED';
        END IF;
    END IF;
    UPDATE disputes SET state = 'RESOLVED', resolution = v_resolution, resolution_notes = p_input->>'notes',
                        resolved_by = v_me.id, resolved_at = p_now,
                        outcome_escrow_action = CASE v_resolution WHEN 'HUSTLER_WINS' THEN 'RELEASE'
                                                                  WHEN 'CLIENT_WINS' THEN 'REFUND' ELSE 'SPLIT' END
     WHERE id = v_dispute.id;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'dispute_resolve', jsonb_build_object(
        'resolution', v_resolution, 'split_percent', (p_input->>'split_percent')::integer,
        'previous_proof_state', v_proof.state, 'previous_reviewer', v_proof.reviewed_by,
        'previous_reason', v_proof.rejection_reason),
        v_task.id, v_escrow.id, v_dispute.id, v_task.worker_id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'dispute', jsonb_build_object('id', v_dispute.id, 'state', 'RESOLVED', 'resolution', v_resolution,
                                      'resolved_by', v_me.id, 'resolved_at', api.iso(p_now)),
        'task', jsonb_build_object('id', v_task.id, 'state', CASE WHEN v_hustler THEN 'COMPLETED' ELSE 'CANCELLED' END),
        'escrow', jsonb_build_object('id', v_escrow.id, 'state', v_escrow_state)));
END $$;
