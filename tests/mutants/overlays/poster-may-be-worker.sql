-- Up Migration
-- hustle: destructive
-- worker_id may equal poster_id (NO-SELF).
ALTER TABLE tasks DROP CONSTRAINT tasks_worker_is_not_poster;
