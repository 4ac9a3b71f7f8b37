-- E3 by hand: for a COMPLETED task whose escrow is still FUNDED (api.md §1.2). Never by the worker.
CREATE OR REPLACE FUNCTION api.escrow_release(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_by_admin boolean;
    v_asked jsonb;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT t.* INTO v_task FROM tasks t
     WHERE t.id = (SELECT task_id FROM escrows WHERE id = (p_input->>'escrow_id')::uuid) FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.worker_id = v_me.id OR (v_task.poster_id <> v_me.id AND NOT v_me.can_override_escrow) THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, 'escrow_release', p_input, v_task.poster_id, p_now);
    END IF;
    SELECT * INTO v_escrow FROM escrows WHERE id = (p_input->>'escrow_id')::uuid FOR NO KEY UPDATE;
    v_by_admin := v_task.poster_id <> v_me.id;
    IF v_by_admin THEN
        v_asked := api.override_known(v_me.id, 'release', v_escrow.id, p_input);
        IF v_asked IS NOT NULL THEN RETURN v_asked; END IF;
    END IF;
    IF v_escrow.state IN ('RELEASED', 'REFUNDED', 'REFUND_PARTIAL') THEN RETURN api.refused('HX002'); END IF;
    IF v_task.state <> 'COMPLETED' THEN RETURN api.refused('HX201'); END IF;
    IF v_escrow.state <> 'FUNDED' THEN RETURN api.refused('CONFLICT'); END IF;
    IF v_by_admin THEN
        v_asked := api.override_refusal(v_me.id, v_me.admin_role, 'release', v_escrow, v_task.poster_id, p_input, p_now);
        IF v_asked IS NOT NULL THEN RETURN v_asked; END IF;
    END IF;
    IF api.frozen('MARKETPLACE') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    PERFORM api.release_escrow(v_escrow.id, p_now);
    v_answer := jsonb_build_object('id', v_escrow.id, 'state', 'RELEASED', 'released_at', api.iso(p_now), 'transfer_id', NULL);
    IF v_by_admin THEN
        PERFORM api.override_done(v_me.id, v_me.admin_role, 'release', v_escrow, v_task.worker_id, p_input, v_answer, p_now);
    END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
