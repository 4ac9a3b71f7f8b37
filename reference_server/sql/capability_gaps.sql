-- The predicate of eligibility.md §7, once: ELG-1 to ELG-7 as bits in the order of the check names, 0 when the profile
-- admits the task. One expression, so that feed.get has it inlined into its query.
CREATE OR REPLACE FUNCTION api.capability_gaps(p_task tasks, p_has_profile boolean, p_state text, p_tier integer,
    p_clearance text[], p_trades text[], p_insured text[], p_background boolean)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN NOT p_has_profile THEN 127 ELSE
        CASE WHEN p_state = (p_task).location_state THEN 0 ELSE 2 END
      + CASE WHEN (p_task).required_trade IS NULL
               OR (p_task).required_trade || ':' || (p_task).location_state = ANY (p_trades) THEN 0 ELSE 4 END
      + CASE WHEN p_tier >= coalesce((p_task).required_trust_tier, 1) THEN 0 ELSE 8 END
      + CASE WHEN CASE WHEN (p_task).risk_level = 'critical' THEN p_tier = 4 AND p_background
                       ELSE coalesce((p_task).risk_level, 'low') = ANY (p_clearance) END THEN 0 ELSE 16 END
      + CASE WHEN NOT (p_task).insurance_required THEN 0
             WHEN (p_task).required_trade IS NULL THEN CASE WHEN cardinality(p_insured) > 0 THEN 0 ELSE 32 END
             WHEN (p_task).required_trade = ANY (p_insured) THEN 0 ELSE 32 END
      + CASE WHEN NOT (p_task).background_check_required OR p_background THEN 0 ELSE 64 END END
$$;
