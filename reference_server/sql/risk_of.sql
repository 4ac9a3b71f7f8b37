-- The open risk of a worker in hundredths (ELG-16): the latest row counts, unless a human has closed it or it has expired.
CREATE OR REPLACE FUNCTION api.risk_of(p_user_id uuid, p_now timestamptz) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT CASE WHEN s.status IN ('active', 'reviewed') AND coalesce(s.expires_at > p_now, true)
                                 THEN (s.risk_score * 100)::integer ELSE 0 END
                       FROM fraud_risk_scores s WHERE s.entity_type = 'user' AND s.entity_id = p_user_id
                      ORDER BY s.calculated_at DESC LIMIT 1), 0);
END $$;

-- ELG-16: NULL, or the code of the refusal.
CREATE OR REPLACE FUNCTION api.risk_refusal(p_user_id uuid, p_now timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_risk integer := api.risk_of(p_user_id, p_now);
BEGIN
    IF v_risk = 0 OR v_risk <= api.rule('max_risk_to_accept') THEN RETURN NULL; END IF;
    RETURN CASE api.risk_level(v_risk) WHEN 'CRITICAL' THEN 'HX913' ELSE 'HX912' END;
END $$;

CREATE OR REPLACE FUNCTION api.risk_level(p_hundredths integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN p_hundredths >= 80 THEN 'CRITICAL' WHEN p_hundredths >= 60 THEN 'HIGH'
                WHEN p_hundredths >= 30 THEN 'MEDIUM' ELSE 'LOW' END
$$;
