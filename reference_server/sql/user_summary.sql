-- UserSummary (api.md §0); NULL for no user.
CREATE OR REPLACE FUNCTION api.user_summary(p_user users) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_user.id IS NOT NULL THEN jsonb_build_object(
        'id', p_user.id, 'full_name', p_user.full_name, 'avatar_url', p_user.avatar_url,
        'trust_tier', p_user.trust_tier, 'is_verified', coalesce(p_user.is_verified, false)) END
$$;
