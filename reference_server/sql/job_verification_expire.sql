-- R5: what the clock has ended is marked and recomputed. p_user_ids NULL: everybody. Reads never wait for this job.
CREATE OR REPLACE FUNCTION api.job_verification_expire(p_now timestamptz, p_user_ids uuid[], p_limit integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_count integer := 0;
    v_rows integer;
    v_table text;
BEGIN
    PERFORM set_config('hustle.now', p_now::text, true);
    FOREACH v_table IN ARRAY ARRAY['license_verifications', 'insurance_verifications', 'background_checks'] LOOP
        EXECUTE format('UPDATE %1$I SET status = ''expired'' WHERE id IN (SELECT id FROM %1$I
            WHERE status = ''verified'' AND expires_at <= $1 AND ($2 IS NULL OR user_id = ANY ($2))
            ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)', v_table) USING p_now, p_user_ids, p_limit - v_count;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        v_count := v_count + v_rows;
    END LOOP;
    RETURN v_count;
END $$;
