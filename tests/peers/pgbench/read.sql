-- One row by key through the function that the server calls: the caller's own profile.
\set u random(1, :people)
SELECT api.user_get_profile('bench-poster-' || :u, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', '{}'::jsonb);
