-- The claimed address may belong to an older account: then the caller tries again without one.
CREATE OR REPLACE FUNCTION api.create_account(p_uid text, p_email text, p_fallback text, p_name text, p_now timestamptz)
RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO users (firebase_uid, email, full_name, created_at)
    VALUES (p_uid, coalesce(nullif(p_email, ''), p_fallback), coalesce(nullif(p_name, ''), p_uid), p_now)
    ON CONFLICT DO NOTHING RETURNING id
$$;
