-- One statement, so that task, escrow and proof are of one instant. The exact place is for participants and admins.
CREATE OR REPLACE FUNCTION api.task_get_by_id(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_answer jsonb;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    SELECT jsonb_build_object(
               'id', t.id, 'poster_id', t.poster_id, 'worker_id', t.worker_id, 'title', t.title,
               'description', t.description, 'requirements', t.requirements,
               'location', CASE WHEN near.ok THEN t.location END,
               'location_lat', CASE WHEN near.ok THEN t.location_lat END,
               'location_lng', CASE WHEN near.ok THEN t.location_lng END,
               'category', t.category, 'price', t.price, 'state', t.state, 'mode', t.mode,
               'deadline', api.iso(t.deadline), 'requires_proof', t.requires_proof,
               'proof_instructions', t.proof_instructions, 'accepted_at', api.iso(t.accepted_at),
               'proof_submitted_at', api.iso(t.proof_submitted_at), 'completed_at', api.iso(t.completed_at),
               'cancelled_at', api.iso(t.cancelled_at), 'created_at', api.iso(t.created_at))
           || jsonb_build_object(
               'updated_at', api.iso(t.updated_at), 'poster', api.user_summary(poster),
               'worker', api.user_summary(worker),
               'escrow', CASE WHEN e.id IS NOT NULL THEN
                             jsonb_build_object('id', e.id, 'amount', e.amount, 'state', e.state) END,
               'proof', (SELECT jsonb_build_object('id', p.id, 'state', p.state, 'submitted_at', api.iso(p.submitted_at))
                           FROM proofs p WHERE p.task_id = t.id ORDER BY p.created_at DESC LIMIT 1))
      INTO v_answer
      FROM tasks t
      JOIN users poster ON poster.id = t.poster_id
      LEFT JOIN users worker ON worker.id = t.worker_id
      LEFT JOIN escrows e ON e.task_id = t.id
     CROSS JOIN LATERAL (SELECT v_me.is_admin OR v_me.id = t.poster_id OR v_me.id IS NOT DISTINCT FROM t.worker_id AS ok) near
     WHERE t.id = (p_input->>'task_id')::uuid;
    IF v_answer IS NULL THEN RETURN api.refused('NOT_FOUND'); END IF;
    RETURN jsonb_build_object('ok', v_answer);
END $$;
