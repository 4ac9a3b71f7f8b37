-- Whether somebody reported this content: he is a party of what is decided about it (SAF-19).
CREATE OR REPLACE FUNCTION api.reported(p_user_id uuid, p_type text, p_content_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM content_reports
                    WHERE content_type = p_type AND content_id = p_content_id AND reporter_user_id = p_user_id)
$$;
