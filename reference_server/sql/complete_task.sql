-- T5, first half: the task is COMPLETED and its worker's streak counts this UTC day (money.md §5, decision 24).
-- The task and its escrow are locked by the caller.
CREATE OR REPLACE FUNCTION api.complete_task(p_task_id uuid, p_worker_id uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_day date := (p_now AT TIME ZONE 'UTC')::date;
    v_last date;
BEGIN
    UPDATE tasks SET state = 'COMPLETED', completed_at = p_now WHERE id = p_task_id;
    SELECT (last_task_completed_at AT TIME ZONE 'UTC')::date INTO v_last FROM users WHERE id = p_worker_id FOR NO KEY UPDATE;
    UPDATE users
       SET current_streak = CASE WHEN v_last IS NULL THEN 1
                                 WHEN v_day <= v_last THEN current_streak
                                 WHEN v_day = v_last + 1 THEN current_streak + 1
                                 WHEN p_now < streak_grace_expires_at THEN current_streak
                                 ELSE 1 END,
           last_task_completed_at = greatest(last_task_completed_at, p_now),
           -- end of the day after the completion day, plus 24 h
           streak_grace_expires_at = (greatest(v_day, v_last) + 3)::timestamp AT TIME ZONE 'UTC'
     WHERE id = p_worker_id;
END $$;
