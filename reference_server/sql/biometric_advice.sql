-- proof-and-gps.md §7: liveness below .50 or deepfake above .85 speak for a rejection, below .70 or above .70 for a look.
-- Nobody is rejected for it: people decide.
CREATE OR REPLACE FUNCTION api.biometric_advice(p_liveness numeric, p_deepfake numeric) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_liveness < 0.50 OR p_deepfake > 0.85 THEN 'REJECT'
                WHEN p_liveness < 0.70 OR p_deepfake > 0.70 THEN 'MANUAL_REVIEW' ELSE 'APPROVE' END
$$;
