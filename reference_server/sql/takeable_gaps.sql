-- What else task.accept asks (ELG-8, ELG-10, ELG-11, LIVE-3), as the bits after those of api.capability_gaps.
CREATE OR REPLACE FUNCTION api.takeable_gaps(p_task tasks, p_escrow_state text, p_user_id uuid, p_active boolean,
                                             p_live_state text, p_now timestamptz)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN (p_task).state = 'OPEN' AND (p_task).worker_id IS NULL AND p_escrow_state IS NOT DISTINCT FROM 'FUNDED'
                     AND coalesce((p_task).deadline >= p_now, true) THEN 0 ELSE 128 END
         + CASE WHEN (p_task).poster_id = p_user_id THEN 256 ELSE 0 END
         + CASE WHEN p_active THEN 0 ELSE 512 END
         + CASE WHEN (p_task).mode = 'LIVE' AND p_live_state IS DISTINCT FROM 'ACTIVE' THEN 1024 ELSE 0 END
$$;
