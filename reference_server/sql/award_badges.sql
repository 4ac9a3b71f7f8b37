-- Badges follow each XP award, one per user and type (money.md §8). Days and hours are UTC. A perfect week is seven
-- tasks completed within seven days, every proof of theirs accepted; it is looked for until there is one.
CREATE OR REPLACE FUNCTION api.award_badges(p_user_id uuid, p_task_id uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_owned text[] := ARRAY(SELECT badge_type::text FROM badges WHERE user_id = p_user_id);
    v_facts record;
    v_week bigint := 0;
BEGIN
    SELECT count(t.id) AS completed,
           count(*) FILTER (WHERE t.category = 'cleaning') AS cleaning,
           count(*) FILTER (WHERE t.category = 'delivery') AS delivery,
           count(*) FILTER (WHERE t.category = 'moving') AS moving,
           count(*) FILTER (WHERE extract(hour FROM t.completed_at AT TIME ZONE 'UTC') < 9) AS early,
           max(u.current_streak) AS streak, max(u.trust_tier) AS tier, max(u.current_level) AS level
      INTO v_facts
      FROM users u LEFT JOIN tasks t ON t.worker_id = u.id AND t.state = 'COMPLETED' WHERE u.id = p_user_id;
    IF 'perfect-week' <> ALL (v_owned) THEN
        SELECT count(*) INTO v_week FROM tasks t
         WHERE worker_id = p_user_id AND state = 'COMPLETED' AND completed_at >= p_now - interval '7 days'
           AND (SELECT bool_and(p.state = 'ACCEPTED') FROM proofs p WHERE p.task_id = t.id);
    END IF;
    INSERT INTO badges (user_id, badge_type, badge_tier, awarded_for, task_id, awarded_at)
    SELECT p_user_id, d.badge_type, d.badge_tier, 'task_completion', p_task_id, p_now
      FROM api.badge_definitions() d
     WHERE d.badge_type <> ALL (v_owned)
       AND d.needed <= CASE d.counted
               WHEN 'completed' THEN v_facts.completed WHEN 'cleaning' THEN v_facts.cleaning
               WHEN 'delivery' THEN v_facts.delivery WHEN 'moving' THEN v_facts.moving WHEN 'early' THEN v_facts.early
               WHEN 'week' THEN v_week WHEN 'streak' THEN v_facts.streak WHEN 'tier' THEN v_facts.tier
               WHEN 'level' THEN v_facts.level END
    ON CONFLICT (user_id, badge_type) DO NOTHING;
END $$;
