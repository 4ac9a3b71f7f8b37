-- A capability profile as the contract shows it, every expiry compared with p_now; NULL before onboarding.
CREATE OR REPLACE FUNCTION api.capability_profile(p_user_id uuid, p_now timestamptz)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'user_id', c.user_id, 'trust_tier', c.trust_tier, 'risk_clearance', to_jsonb(c.risk_clearance),
        'verified_trades', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'trade', v.trade, 'state', v.state, 'verified_at', api.iso(v.verified_at),
                'expires_at', api.iso(v.expires_at)) ORDER BY v.trade, v.state)
            FROM verified_trades v WHERE v.user_id = c.user_id AND v.expires_at > p_now), '[]'),
        'insurance_valid', i.until IS NOT NULL, 'insurance_expires_at', api.iso(i.until),
        'background_check_valid', b.until IS NOT NULL, 'background_check_expires_at', api.iso(b.until),
        'location_state', c.location_state, 'willingness_flags', c.willingness_flags, 'derived_at', api.iso(c.derived_at))
      FROM capability_profiles c
     CROSS JOIN LATERAL (SELECT CASE WHEN c.insurance_valid AND c.insurance_expires_at > p_now
                                     THEN c.insurance_expires_at END AS until) i
     CROSS JOIN LATERAL (SELECT CASE WHEN c.background_check_valid AND c.background_check_expires_at > p_now
                                     THEN c.background_check_expires_at END AS until) b
     WHERE c.user_id = p_user_id
$$;
