-- Up Migration
-- hustle: destructive
-- A release needs no completed task (INV-2).
DROP TRIGGER escrow_released_requires_completed_task ON escrows;
