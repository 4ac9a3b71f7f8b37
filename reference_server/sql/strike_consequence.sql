-- Rules A and B (§1.2): the end of the suspension that a user's confirmed strikes bring about at p_now, or NULL. Edges
-- of the windows are included. A machine's strike never suspends (decision 16), a removed one counts no more.
CREATE OR REPLACE FUNCTION api.strike_consequence(p_user_id uuid, p_now timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(
        CASE WHEN count(*) FILTER (WHERE severity = 3 AND created_at >= p_now - interval '24 hours') >= 1
             THEN p_now + interval '365 days' END,
        CASE WHEN count(*) FILTER (WHERE severity >= 2 AND created_at >= p_now - interval '30 days') >= 3
             THEN p_now + interval '7 days' END)
      FROM user_strikes s WHERE user_id = p_user_id AND source = 'manual' AND created_at <= p_now
       AND NOT EXISTS (SELECT 1 FROM strike_removals r WHERE r.strike_id = s.id)
$$;
