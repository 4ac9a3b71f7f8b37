-- §2.2: a report counts once per reporter; three on one content escalate it, five people who report one person within
-- seven days escalate all that waits about him. Who reported is told to nobody.
CREATE OR REPLACE FUNCTION api.moderation_report_content(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_type text := p_input->>'content_type';
    v_id uuid := (p_input->>'content_id')::uuid;
    v_owner uuid;
    v_reports integer;
    v_reporters integer;
BEGIN
    SELECT * INTO v_me FROM api.caller(p_uid, p_email, p_name, p_now);
    v_owner := CASE v_type
        WHEN 'task' THEN (SELECT poster_id FROM tasks WHERE id = v_id)
        WHEN 'profile' THEN (SELECT id FROM users WHERE id = v_id)
        WHEN 'rating' THEN (SELECT rater_id FROM task_ratings WHERE id = v_id)
        WHEN 'photo' THEN (SELECT p.submitter_id FROM proof_photos f JOIN proofs p ON p.id = f.proof_id WHERE f.id = v_id) END;
    IF v_owner IS NULL THEN RETURN api.refused('NOT_FOUND', 'content_id'); END IF;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_owner::text, 4850720135));
    INSERT INTO content_reports (content_type, content_id, reported_content_user_id, reporter_user_id, category, description,
                                 reported_at)
    VALUES (v_type, v_id, v_owner, v_me.id, 'user_report', p_input->>'reason', p_now) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        SELECT count(*) INTO v_reports FROM content_reports WHERE content_type = v_type AND content_id = v_id;
        IF v_reports = 1 THEN
            PERFORM api.enqueue_moderation(v_type, v_id, v_owner, NULL, 'user_report', 'MEDIUM', 0.50, 'user_report',
                                           'pending', p_now);
        ELSIF v_reports >= 3 THEN
            UPDATE content_moderation_queue SET status = 'escalated'
             WHERE content_type = v_type AND content_id = v_id AND status IN ('pending', 'reviewing');
        END IF;
        SELECT count(DISTINCT reporter_user_id) INTO v_reporters FROM content_reports
         WHERE reported_content_user_id = v_owner AND reported_at >= p_now - interval '7 days';
        IF v_reporters >= 5 THEN
            UPDATE content_moderation_queue SET status = 'escalated'
             WHERE user_id = v_owner AND flagged_by = 'user_report' AND status IN ('pending', 'reviewing');
        END IF;
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object('recorded', true));
END $$;
