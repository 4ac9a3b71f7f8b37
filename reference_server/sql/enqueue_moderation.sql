-- A case for a human, with the deadline of its severity (§2.2, HX953).
CREATE OR REPLACE FUNCTION api.enqueue_moderation(p_type text, p_content_id uuid, p_user_id uuid, p_text text,
                                                  p_category text, p_severity text, p_score numeric, p_by text,
                                                  p_status text, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO content_moderation_queue (content_type, content_id, user_id, content_text, moderation_category, severity,
        ai_confidence, ai_recommendation, flagged_by, status, flagged_at, sla_deadline)
    VALUES (p_type, p_content_id, p_user_id, p_text, p_category, p_severity, p_score,
            CASE WHEN p_score >= 0.9 THEN 'block' ELSE 'flag' END, p_by, p_status, p_now,
            p_now + CASE p_severity WHEN 'CRITICAL' THEN interval '1 hour' WHEN 'HIGH' THEN interval '4 hours'
                                    WHEN 'MEDIUM' THEN interval '24 hours' ELSE interval '48 hours' END)
$$;
