-- The signals of proof-and-gps.md §6 that one photo shows, with their weights. p_fact: what its bytes say: {content_type,
-- exif, camera, software?, width?, height?}.
CREATE OR REPLACE FUNCTION api.photo_findings(p_fact jsonb, p_before_assignment boolean)
RETURNS TABLE (finding text, weight integer) LANGUAGE sql IMMUTABLE AS $$
    SELECT s.finding, s.weight FROM (VALUES
        ('exif_missing', 3, NOT (p_fact->>'exif')::boolean),
        ('screen_size', 2, api.is_screen((p_fact->>'width')::integer, (p_fact->>'height')::integer)),
        ('png', 2, p_fact->>'content_type' = 'image/png'),
        ('camera_missing', 2, NOT (p_fact->>'camera')::boolean),
        ('before_assignment', 3, p_before_assignment),
        ('generator_software', 5, coalesce(p_fact->>'software', '') ~* '(dall[^a-z]?e\M|midjourney|stable.?diffusion|firefly|imagen\M)')
    ) s(finding, weight, hit) WHERE s.hit
$$;
