-- Sizes of the screens of common phones, tablets and monitors, either way up (proof-and-gps.md §6).
CREATE OR REPLACE FUNCTION api.is_screen(p_width integer, p_height integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((least(p_width, p_height), greatest(p_width, p_height)) IN (
        (750, 1334), (828, 1792), (1080, 1920), (1080, 2220), (1080, 2340), (1080, 2400), (1125, 2436), (1170, 2532),
        (1179, 2556), (1206, 2622), (1242, 2208), (1242, 2688), (1284, 2778), (1290, 2796), (1320, 2868), (1440, 2560),
        (1440, 3088), (1440, 3200), (1536, 2048), (1620, 2160), (1668, 2388), (2048, 2732), (768, 1366), (900, 1440),
        (1200, 1920), (2160, 3840)), false)
$$;
