-- Up Migration
-- hustle: destructive
-- Every transaction is SERIALIZABLE; the server retries.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', current_database()); END $$;
