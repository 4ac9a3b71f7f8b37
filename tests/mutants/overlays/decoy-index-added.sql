-- Up Migration
-- hustle: destructive
-- Two more indexes.
CREATE INDEX decoy_escrows_funded ON escrows (funded_at);
CREATE INDEX decoy_tasks_deadline ON tasks (deadline) WHERE state = 'OPEN';
