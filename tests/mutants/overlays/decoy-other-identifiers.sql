-- Up Migration
-- hustle: destructive
-- Escrow identifiers come from another generator.
ALTER TABLE escrows ALTER COLUMN id SET DEFAULT md5(random()::text || clock_timestamp()::text)::uuid;
