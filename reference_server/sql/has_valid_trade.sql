-- Whether a trade is verified and unexpired in any state. The profile is locked first, so that a revocation in flight
-- is either seen here or waits for this transaction.
CREATE OR REPLACE FUNCTION api.has_valid_trade(p_user_id uuid, p_trade text, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM capability_profiles WHERE user_id = p_user_id FOR SHARE;
    RETURN EXISTS (SELECT 1 FROM verified_trades WHERE user_id = p_user_id AND trade = p_trade AND expires_at > p_now);
END $$;
