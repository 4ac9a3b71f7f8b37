-- The end of the suspension that a user's strikes have brought about, each at its own instant, or NULL: the longest one.
CREATE OR REPLACE FUNCTION api.strikes_until(p_user_id uuid) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT max(api.strike_consequence(p_user_id, s.created_at)) FROM user_strikes s
             WHERE s.user_id = p_user_id AND s.source = 'manual'
               AND NOT EXISTS (SELECT 1 FROM strike_removals r WHERE r.strike_id = s.id));
END $$;
