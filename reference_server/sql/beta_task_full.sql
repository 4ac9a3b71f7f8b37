-- Decision 14: whether the beta has room for one more task. Those who post wait for each other while the beta lasts.
CREATE OR REPLACE FUNCTION api.beta_task_full() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT api.flag('beta_mode') THEN RETURN false; END IF;
    PERFORM pg_advisory_xact_lock(4850720134);
    RETURN (SELECT count(*) FROM tasks) >= api.rule('beta_max_tasks');
END $$;
