-- The badges of money.md §8: what is counted, and how much of it is needed.
CREATE OR REPLACE FUNCTION api.badge_definitions()
RETURNS TABLE (badge_type text, badge_tier integer, counted text, needed integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('first-task', 1, 'completed', 1), ('tasks-10', 1, 'completed', 10), ('tasks-25', 2, 'completed', 25),
           ('tasks-50', 2, 'completed', 50), ('tasks-100', 3, 'completed', 100),
           ('streak-3', 1, 'streak', 3), ('streak-7', 2, 'streak', 7), ('streak-30', 3, 'streak', 30),
           ('trust-tier-2', 1, 'tier', 2), ('trust-tier-3', 2, 'tier', 3), ('trust-tier-4', 3, 'tier', 4),
           ('level-3', 1, 'level', 3), ('level-5', 2, 'level', 5), ('level-8', 3, 'level', 8),
           ('level-10', 4, 'level', 10),
           ('specialist-cleaning', 1, 'cleaning', 10), ('specialist-delivery', 1, 'delivery', 10),
           ('specialist-moving', 1, 'moving', 10),
           ('perfect-week', 3, 'week', 7), ('early-bird', 2, 'early', 5)
$$;
