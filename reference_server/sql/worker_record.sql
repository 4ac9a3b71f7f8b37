-- The figures that tiers ask for (money.md §6, definitions).
CREATE OR REPLACE FUNCTION api.worker_record(p_user_id uuid, OUT completed bigint, OUT approval_rate numeric,
                                             OUT dispute_rate numeric, OUT avg_rating numeric)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT t.completed, p.approval_rate, t.disputed::numeric / nullif(t.accepted, 0), r.avg_rating
      INTO completed, approval_rate, dispute_rate, avg_rating
      FROM (SELECT count(*) FILTER (WHERE state = 'COMPLETED') AS completed, count(*) AS accepted,
                   (SELECT count(*) FROM disputes d JOIN tasks x ON x.id = d.task_id
                     WHERE x.worker_id = p_user_id) AS disputed
              FROM tasks WHERE worker_id = p_user_id) t,
           (SELECT count(*) FILTER (WHERE state = 'ACCEPTED')::numeric / nullif(count(*), 0) AS approval_rate
              FROM proofs WHERE submitter_id = p_user_id AND state IN ('ACCEPTED', 'REJECTED')) p
      LEFT JOIN user_rating_summary r ON r.user_id = p_user_id;
END $$;
