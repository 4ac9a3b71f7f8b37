-- Badges follow each XP award, one per user and type (money.md §8). Days and hours are UTC. A perfect week is seven
-- tasks completed within seven days, every proof of theirs accepted.
CREATE OR REPLACE FUNCTION api.award_badges(p_user_id uuid, p_task_id uuid, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    WITH facts AS (
        SELECT count(*) AS completed,
               count(*) FILTER (WHERE category = 'cleaning') AS cleaning,
               count(*) FILTER (WHERE category = 'delivery') AS delivery,
               count(*) FILTER (WHERE category = 'moving') AS moving,
               count(*) FILTER (WHERE extract(hour FROM completed_at AT TIME ZONE 'UTC') < 9) AS early,
               count(*) FILTER (WHERE completed_at >= p_now - interval '7 days'
                   AND EXISTS (SELECT 1 FROM proofs p WHERE p.task_id = t.id AND p.state = 'ACCEPTED')
                   AND NOT EXISTS (SELECT 1 FROM proofs p WHERE p.task_id = t.id AND p.state <> 'ACCEPTED')) AS week
          FROM tasks t WHERE worker_id = p_user_id AND state = 'COMPLETED'),
    counted AS (
        SELECT v.name, v.amount FROM facts f, users u,
               LATERAL (VALUES ('completed', f.completed), ('cleaning', f.cleaning), ('delivery', f.delivery),
                               ('moving', f.moving), ('early', f.early), ('week', f.week),
                               ('streak', u.current_streak::bigint), ('tier', u.trust_tier::bigint),
                               ('level', u.current_level::bigint)) AS v(name, amount)
         WHERE u.id = p_user_id)
    INSERT INTO badges (user_id, badge_type, badge_tier, awarded_for, task_id, awarded_at)
    SELECT p_user_id, d.badge_type, d.badge_tier, 'task_completion', p_task_id, p_now
      FROM api.badge_definitions() d JOIN counted c ON c.name = d.counted AND c.amount >= d.needed
    ON CONFLICT (user_id, badge_type) DO NOTHING
$$;
