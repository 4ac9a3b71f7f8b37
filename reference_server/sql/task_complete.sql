-- T5 with E3: completion, release, XP, tier and badges in one transaction.
CREATE OR REPLACE FUNCTION api.task_complete(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_task tasks;
    v_escrow escrows;
    v_xp jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT * INTO v_task FROM tasks WHERE id = (p_input->>'task_id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN api.refused('NOT_FOUND'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF v_task.poster_id <> v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_task.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED') THEN RETURN api.refused('HX001'); END IF;
    IF v_task.state <> 'PROOF_SUBMITTED' THEN RETURN api.refused('CONFLICT'); END IF;
    SELECT * INTO v_escrow FROM escrows WHERE task_id = v_task.id FOR NO KEY UPDATE;
    IF v_task.requires_proof AND NOT EXISTS (
        SELECT 1 FROM proofs WHERE task_id = v_task.id AND state = 'ACCEPTED') THEN
        RETURN api.refused('HX301');
    END IF;
    IF v_escrow.state IS DISTINCT FROM 'FUNDED' THEN RETURN api.refused('CONFLICT'); END IF;
    IF api.withheld(NULL, v_task.worker_id, p_now) THEN RETURN api.refused('CONFLICT', NULL, 'WITHHELD'); END IF;
    IF api.frozen('MARKETPLACE') THEN RETURN api.refused('CONFLICT', NULL, 'FROZEN'); END IF;
    PERFORM api.complete_task(v_task.id, v_task.worker_id, p_now);
    v_xp := api.release_escrow(v_escrow.id, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'task', jsonb_build_object('id', v_task.id, 'state', 'COMPLETED', 'completed_at', api.iso(p_now)),
        'escrow', jsonb_build_object('id', v_escrow.id, 'state', 'RELEASED', 'released_at', api.iso(p_now)),
        'xp_awarded', v_xp));
END $$;
