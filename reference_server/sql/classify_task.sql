-- What a category asks of its worker (eligibility.md §6.2, §6.3, decision 1). Answers to the follow-up questions only
-- raise. Unlisted categories: low, no trade.
CREATE OR REPLACE FUNCTION api.classify_task(p_category text, p_answers jsonb,
    OUT risk_level text, OUT required_trade text, OUT required_trust_tier integer, OUT insurance_required boolean,
    OUT background_check_required boolean, OUT rules jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH known (category, baseline, trade, questions, raised) AS (VALUES
        ('it_networking',      'low',    'it_networking',       '{}'::text[],              'low'),
        ('electrical',         'medium', 'electrician',         '{live_wiring}',           'high'),
        ('plumbing',           'medium', 'plumber',             '{gas}',                   'high'),
        ('hvac',               'medium', 'hvac',                '{gas}',                   'high'),
        ('appliance_install',  'medium', 'appliance_installer', '{gas}',                   'high'),
        ('in_home_care',       'medium', 'in_home_care',        '{overnight,medical}',     'critical'),
        ('general_contractor', 'medium', 'general_contractor',  '{large_scope}',           'high')),
    answered AS (
        SELECT k.*, ARRAY(SELECT q FROM unnest(k.questions) q WHERE coalesce((p_answers->>q)::boolean, false)) AS said
          FROM (SELECT p_category AS asked) a LEFT JOIN known k ON k.category = a.asked),
    judged AS (
        SELECT trade, said, CASE WHEN cardinality(said) > 0 THEN raised ELSE coalesce(baseline, 'low') END AS risk
          FROM answered)
    SELECT risk, trade, CASE risk WHEN 'low' THEN 1 WHEN 'medium' THEN 2 ELSE 4 END,
           risk IN ('high', 'critical') OR (risk = 'medium' AND trade IS NOT NULL), risk = 'critical',
           to_jsonb(array_prepend('category:' || p_category, ARRAY(SELECT 'answer:' || q FROM unnest(said) q)))
      FROM judged
$$;
