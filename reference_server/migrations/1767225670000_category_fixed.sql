-- Up Migration
-- The category that the poster named is fixed with what was made of it (eligibility.md §2.7, T-ELG-15): photos that are due and
-- badges are read from it. Whoever named the wrong one cancels and posts again.
CREATE FUNCTION task_category_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.category IS DISTINCT FROM OLD.category THEN
        PERFORM refuse('23514', 'the category of a task never changes', TG_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_category_fixed BEFORE UPDATE OF category ON tasks
    FOR EACH ROW EXECUTE FUNCTION task_category_check();

-- Down Migration
DROP TRIGGER tasks_category_fixed ON tasks;
DROP FUNCTION task_category_check();
