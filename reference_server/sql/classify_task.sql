-- Base risk of a category (api.md §1.8, baselines) and the tier that it asks of a worker. Unlisted: low.
CREATE OR REPLACE FUNCTION api.classify_task(p_category text, OUT risk_level text, OUT required_trust_tier integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT r.risk, CASE r.risk WHEN 'medium' THEN 2 ELSE 1 END
      FROM (SELECT CASE WHEN p_category IN ('electrical', 'plumbing', 'hvac', 'appliance_install', 'in_home_care',
                                            'general_contractor') THEN 'medium' ELSE 'low' END AS risk) r
$$;
