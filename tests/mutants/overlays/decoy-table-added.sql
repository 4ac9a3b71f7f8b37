-- Up Migration
-- hustle: destructive
-- A table of another team that refers to tasks.
CREATE TABLE marketing_notes (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task_id UUID REFERENCES tasks (id), body TEXT);
