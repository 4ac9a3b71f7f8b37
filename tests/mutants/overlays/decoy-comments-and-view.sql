-- Up Migration
-- hustle: destructive
-- Comments, and a view for the analysts.
COMMENT ON TABLE escrows IS 'money that waits';
CREATE VIEW open_money AS SELECT state, sum(amount) AS cents FROM escrows GROUP BY state;
