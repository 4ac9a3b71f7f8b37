CREATE OR REPLACE FUNCTION api.user_get_badges(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_user_id uuid;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    v_user_id := coalesce((p_input->>'user_id')::uuid, v_me.id);
    IF NOT EXISTS (SELECT 1 FROM users WHERE id = v_user_id) THEN RETURN api.refused('HX504', 'user_id'); END IF;
    RETURN (
        WITH earned AS (SELECT * FROM badges WHERE user_id = v_user_id),
             open AS (SELECT d.* FROM api.badge_definitions() d
                       WHERE NOT EXISTS (SELECT 1 FROM earned e WHERE e.badge_type = d.badge_type))
        SELECT jsonb_build_object('ok', jsonb_build_object(
            'earned_badges', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'id', id, 'badge_type', badge_type, 'badge_tier', badge_tier, 'awarded_at', api.iso(awarded_at))
                ORDER BY awarded_at, badge_type) FROM earned), '[]'),
            'available_badges', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'badge_type', badge_type, 'badge_tier', badge_tier) ORDER BY badge_tier, badge_type) FROM open), '[]'),
            'total_earned', (SELECT count(*) FROM earned), 'total_available', (SELECT count(*) FROM open))));
END $$;
