-- Where a user stands in onboarding: the steps done, in order, and what follows from them (api.md §1.8).
CREATE OR REPLACE FUNCTION api.onboarding_state(p_user_id uuid, OUT role text, OUT steps text[], OUT next_step text,
    OUT phase text, OUT started_at timestamptz, OUT completed_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH done AS (
        SELECT p.role::text AS role, p.started_at, u.onboarding_completed_at AS completed_at,
               array_remove(ARRAY[CASE WHEN p.role IS NOT NULL THEN 'role' END, CASE WHEN p.profile THEN 'profile' END,
                                  CASE WHEN c.id IS NOT NULL THEN 'capabilities' END,
                                  CASE WHEN p.tutorial THEN 'tutorial' END], NULL) AS steps
          FROM users u LEFT JOIN onboarding_progress p ON p.user_id = u.id LEFT JOIN capability_claims c ON c.user_id = u.id
         WHERE u.id = p_user_id),
    next AS (SELECT d.*, (SELECT s FROM unnest('{role,profile,capabilities,tutorial}'::text[]) WITH ORDINALITY AS o(s, place)
                           WHERE s <> ALL (d.steps) ORDER BY place LIMIT 1) AS open_step FROM done d)
    SELECT role, steps, CASE WHEN completed_at IS NULL THEN coalesce(open_step, 'complete') END,
           CASE WHEN completed_at IS NOT NULL THEN 'COMPLETED' WHEN cardinality(steps) = 0 THEN 'NOT_STARTED'
                ELSE CASE open_step WHEN 'role' THEN 'ROLE_SELECTION' WHEN 'profile' THEN 'PROFILE_SETUP'
                                    WHEN 'capabilities' THEN 'CAPABILITY_CLAIMS' ELSE 'TUTORIAL' END END,
           started_at, completed_at
      FROM next
$$;
