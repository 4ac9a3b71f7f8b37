-- What a category asks of its worker (eligibility.md §6.2, §6.3, decision 1). Answers to the follow-up questions only
-- raise. Unlisted categories: low, no trade.
CREATE OR REPLACE FUNCTION api.classify_task(p_category text, p_answers jsonb,
    OUT risk_level text, OUT required_trade text, OUT required_trust_tier integer, OUT insurance_required boolean,
    OUT background_check_required boolean, OUT rules jsonb)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_said text[];
BEGIN
    SELECT known.trade, CASE WHEN cardinality(a.said) > 0 THEN known.raised ELSE known.baseline END, a.said
      INTO required_trade, risk_level, v_said
      FROM (VALUES
        ('it_networking',      'low',    'it_networking',       '{}'::text[],              'low'),
        ('electrical',         'medium', 'electrician',         '{live_wiring}',           'high'),
        ('plumbing',           'medium', 'plumber',             '{gas}',                   'high'),
        ('hvac',               'medium', 'hvac',                '{gas}',                   'high'),
        ('appliance_install',  'medium', 'appliance_installer', '{gas}',                   'high'),
        ('in_home_care',       'medium', 'in_home_care',        '{overnight,medical}',     'critical'),
        ('general_contractor', 'medium', 'general_contractor',  '{large_scope}',           'high'))
           AS known (category, baseline, trade, questions, raised)
     CROSS JOIN LATERAL (SELECT ARRAY(SELECT q FROM unnest(known.questions) q
                                       WHERE coalesce((p_answers->>q)::boolean, false)) AS said) a
     WHERE known.category = p_category;
    risk_level := coalesce(risk_level, 'low');
    required_trust_tier := CASE risk_level WHEN 'low' THEN 1 WHEN 'medium' THEN 2 ELSE 4 END;
    insurance_required := risk_level IN ('high', 'critical') OR (risk_level = 'medium' AND required_trade IS NOT NULL);
    background_check_required := risk_level = 'critical';
    rules := jsonb_build_array('category:' || p_category);
    IF cardinality(v_said) > 0 THEN
        rules := rules || to_jsonb(ARRAY(SELECT 'answer:' || q FROM unnest(v_said) q));
    END IF;
END $$;
