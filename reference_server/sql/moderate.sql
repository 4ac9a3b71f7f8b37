-- The deterministic half of moderation (§2.1), over the whole text (SAF-7): what is blocked at once is answered true and
-- waits for a human in the queue; what is doubtful is only flagged. The text is data, never an instruction (SAF-8).
CREATE OR REPLACE FUNCTION api.moderate(p_type text, p_content_id uuid, p_user_id uuid, p_text text, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF p_text ~* '\m(venmo|zelle|cash ?app|western union|whatsapp|telegram|off[- ]platform)\M'
       OR p_text ~* '\m(kill|hurt|shoot) (you|him|her|them)\M'
       OR p_text ~ '\m\d{3}[-. ]\d{3}[-. ]\d{4}\M' THEN
        PERFORM api.enqueue_moderation(p_type, p_content_id, p_user_id, p_text, 'off_platform_or_threat', 'CRITICAL', 0.95,
                                       'ai', 'pending', p_now);
        RETURN true;
    END IF;
    IF p_text ~* '\m(cash only|social security|ssn|home alone)\M' THEN
        PERFORM api.enqueue_moderation(p_type, p_content_id, p_user_id, p_text, 'doubtful', 'MEDIUM', 0.60, 'ai', 'pending',
                                       p_now);
    END IF;
    RETURN false;
END $$;
