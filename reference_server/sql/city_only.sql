-- ELG-15, beta_seattle_only: whether a task must lie in the city at present (api.in_seattle).
CREATE OR REPLACE FUNCTION api.city_only() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN api.flag('beta_mode') AND api.flag('beta_seattle_only');
END $$;
