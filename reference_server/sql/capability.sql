-- What a worker can do at p_now (ELG-12: every expiry is compared here, whatever the jobs have done). Trades are written
-- trade:state. One row always; has_profile tells whether onboarding is complete.
CREATE OR REPLACE FUNCTION api.capability(p_user_id uuid, p_now timestamptz,
    OUT has_profile boolean, OUT state text, OUT tier integer, OUT clearance text[], OUT trades text[],
    OUT insured text[], OUT background boolean, OUT willing jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT c.user_id IS NOT NULL, c.location_state, c.trust_tier, c.risk_clearance,
           ARRAY(SELECT v.trade || ':' || v.state FROM verified_trades v
                  WHERE v.user_id = p_user_id AND v.expires_at > p_now),
           ARRAY(SELECT i.trade::text FROM insurance_verifications i
                  WHERE i.user_id = p_user_id AND i.status = 'verified' AND i.expires_at > p_now),
           coalesce(c.background_check_valid AND c.background_check_expires_at > p_now, false),
           coalesce(c.willingness_flags, '{}')
      INTO has_profile, state, tier, clearance, trades, insured, background, willing
      FROM (SELECT 1) one LEFT JOIN capability_profiles c ON c.user_id = p_user_id;
END $$;
