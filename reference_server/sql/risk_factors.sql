-- §3.3 in hundredths, from the marketplace's own rows and from what integrations know; rates count from the fifth task on.
CREATE OR REPLACE FUNCTION api.risk_factors(p_user_id uuid, p_now timestamptz,
    OUT account integer, OUT behaviour integer, OUT payment integer, OUT identity integer, OUT weighted integer,
    OUT score integer)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_user users;
    v_facts user_risk_facts;
    v_age interval;
    v_tasks integer;
    v_disputed integer;
    v_ended integer;
    v_completed integer;
BEGIN
    SELECT * INTO v_user FROM users WHERE id = p_user_id;
    SELECT * INTO v_facts FROM user_risk_facts WHERE user_id = p_user_id;
    v_age := p_now - v_user.created_at;
    SELECT count(*) FILTER (WHERE t.worker_id IS NOT NULL),
           count(*) FILTER (WHERE EXISTS (SELECT 1 FROM disputes d WHERE d.task_id = t.id)),
           count(*) FILTER (WHERE t.worker_id = p_user_id AND t.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED')),
           count(*) FILTER (WHERE t.worker_id = p_user_id AND t.state = 'COMPLETED')
      INTO v_tasks, v_disputed, v_ended, v_completed
      FROM tasks t WHERE t.poster_id = p_user_id OR t.worker_id = p_user_id;
    account := CASE WHEN v_age < interval '24 hours' THEN 20 WHEN v_age < interval '168 hours' THEN 10
                    WHEN v_age < interval '720 hours' THEN 5 ELSE 0 END
             + CASE WHEN v_facts.devices > 3 THEN 20 ELSE 0 END + CASE WHEN v_facts.addresses > 5 THEN 15 ELSE 0 END;
    behaviour := CASE WHEN v_tasks < 5 THEN 0 WHEN v_disputed * 5 > v_tasks THEN 60
                      WHEN v_disputed * 10 > v_tasks THEN 25 ELSE 0 END
               + CASE WHEN v_ended < 5 THEN 0 WHEN v_completed * 10 < v_ended * 3 THEN 50
                      WHEN v_completed * 2 < v_ended THEN 20 ELSE 0 END;
    payment := CASE WHEN v_facts.chargebacks > 2 THEN 70 WHEN v_facts.chargebacks > 0 THEN 30 ELSE 0 END
             + CASE WHEN v_facts.card_risk_hundredths > 70 THEN 30 ELSE 0 END;
    identity := CASE WHEN coalesce(v_user.is_verified, false) THEN 0 ELSE 15 END;
    score := least(account + behaviour + payment + identity, 100);
    account := least(account, 100);
    behaviour := least(behaviour, 100);
    payment := least(payment, 100);
    weighted := round(0.40 * account + 0.30 * behaviour + 0.20 * payment + 0.10 * identity);
END $$;
