-- SAF-18: never one's own role, nothing above one's own rank, and a founder remains. p_gives NULL: taken away.
CREATE OR REPLACE FUNCTION api.may_change_role(p_me uuid, p_my_role text, p_may boolean, p_user_id uuid, p_has text,
                                               p_gives text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_may AND p_me <> p_user_id
           AND greatest(api.role_rank(p_has), api.role_rank(p_gives)) <= api.role_rank(p_my_role)
           AND (p_has IS DISTINCT FROM 'founder' OR p_gives IS NOT DISTINCT FROM 'founder'
                OR (SELECT count(*) FROM admin_roles WHERE role = 'founder') > 1)
$$;
