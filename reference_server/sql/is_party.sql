-- SAF-19: whether somebody is concerned by a task or by a dispute about one, as poster or as worker.
CREATE OR REPLACE FUNCTION api.is_party(p_user_id uuid, p_task_id uuid, p_dispute_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM tasks WHERE id IN (p_task_id, (SELECT task_id FROM disputes WHERE id = p_dispute_id))
                      AND p_user_id IN (poster_id, worker_id))
$$;
