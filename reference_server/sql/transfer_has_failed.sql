-- Is this transfer one of those whose money came back?
CREATE OR REPLACE FUNCTION api.transfer_has_failed(p_escrow_id uuid, p_transfer text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM transfer_retry_queue
                    WHERE escrow_id = p_escrow_id
                      AND error_history @> jsonb_build_array(jsonb_build_object('transfer', p_transfer)));
END $$;
