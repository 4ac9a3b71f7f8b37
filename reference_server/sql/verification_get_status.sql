-- The caller's records; verified ones whose time is over are shown as expired, whatever the job has done.
CREATE OR REPLACE FUNCTION api.verification_get_status(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                       p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_type text := p_input->>'type';
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'licenses', coalesce((SELECT jsonb_agg(jsonb_build_object('id', l.id, 'trade', l.trade, 'state', l.state,
                'status', api.status_at(l.status, l.expires_at, p_now), 'verified_at', api.iso(l.verified_at),
                'expires_at', api.iso(l.expires_at), 'failure_reason', l.failure_reason) ORDER BY l.created_at, l.id)
            FROM license_verifications l
           WHERE l.user_id = v_me.id AND coalesce(v_type, 'license') = 'license'), '[]'),
        'insurance', coalesce((SELECT jsonb_agg(jsonb_build_object('id', i.id, 'trade', i.trade,
                'status', api.status_at(i.status, i.expires_at, p_now), 'coverage_amount', i.coverage_amount,
                'verified_at', api.iso(i.verified_at), 'expires_at', api.iso(i.expires_at),
                'failure_reason', i.failure_reason) ORDER BY i.created_at, i.id)
            FROM insurance_verifications i
           WHERE i.user_id = v_me.id AND coalesce(v_type, 'insurance') = 'insurance'), '[]'),
        'background_check', (SELECT jsonb_build_object('id', b.id, 'provider', b.provider,
                'status', api.status_at(b.status, b.expires_at, p_now), 'verified_at', api.iso(b.verified_at),
                'expires_at', api.iso(b.expires_at), 'failure_reason', b.failure_reason)
            FROM background_checks b
           WHERE b.user_id = v_me.id AND coalesce(v_type, 'background_check') = 'background_check'
           ORDER BY b.created_at DESC LIMIT 1)));
END $$;
