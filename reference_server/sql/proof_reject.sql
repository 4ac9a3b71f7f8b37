CREATE OR REPLACE FUNCTION api.proof_reject(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT api.proof_review(p_uid, p_email, p_name, p_now, p_input, 'REJECTED') $$;
