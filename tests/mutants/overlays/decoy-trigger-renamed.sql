-- Up Migration
-- hustle: destructive
-- A guard outside the ten core triggers has another name.
ALTER TRIGGER task_no_delete ON tasks RENAME TO task_never_goes;
