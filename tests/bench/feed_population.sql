-- 1,000 workers with capability profiles (half of them tier 2, a third licensed and insured plumbers) and 10,000 open,
-- funded tasks, three of four with a trade: what feed.get is measured against (eligibility.md §8, docs/load.md).
-- The first worker's uid is feed-worker-1.
INSERT INTO users (email, full_name, firebase_uid)
SELECT 'feed-worker-' || i || '@example.invalid', 'Worker ' || i, 'feed-worker-' || i FROM generate_series(1, 1000) i;
UPDATE users SET trust_tier = 2 WHERE firebase_uid ~ '^feed-worker-.*[13579]$';
INSERT INTO capability_claims (user_id, role, work_state)
SELECT id, 'hustler', 'WA' FROM users WHERE firebase_uid LIKE 'feed-worker-%';
UPDATE users SET onboarding_completed_at = now() WHERE firebase_uid LIKE 'feed-worker-%';
SELECT count(recompute_capability(id)) FROM users WHERE firebase_uid LIKE 'feed-worker-%';
INSERT INTO license_verifications (user_id, trade, state, license_number, source)
SELECT id, 'plumber', 'WA', 'L', 'registry' FROM users WHERE firebase_uid ~ '^feed-worker-.*[147]$';
UPDATE license_verifications SET status = 'verified', verified_at = now(), expires_at = now() + interval '1 year';
INSERT INTO insurance_verifications (user_id, trade, coverage_amount, source)
SELECT user_id, 'plumber', 100000000, 'coi_upload' FROM license_verifications;
UPDATE insurance_verifications SET status = 'verified', verified_at = now(), expires_at = now() + interval '1 year';
INSERT INTO users (email, full_name, firebase_uid) VALUES ('feed-poster@example.invalid', 'Poster', 'feed-poster');
INSERT INTO tasks (poster_id, title, description, location, location_lat, location_lng, category, price, deadline, created_at,
                   task_category, risk_level, required_trade, required_trust_tier, insurance_required)
SELECT p.id, 'Task ' || i, 'Work', 'Pike Street', 47.5 + (i % 97) * 0.002, -122.4 + (i % 89) * 0.002, c.category, 5000,
       now() + interval '9 days', now() - i * interval '1 second', c.category, c.risk, c.trade, c.tier, c.tier = 2
  FROM generate_series(1, 10000) i JOIN users p ON p.firebase_uid = 'feed-poster'
 CROSS JOIN LATERAL (SELECT CASE i % 4 WHEN 0 THEN 'errands' WHEN 1 THEN 'plumbing' WHEN 2 THEN 'electrical' ELSE 'hvac' END,
                            CASE i % 4 WHEN 0 THEN 'low' ELSE 'medium' END,
                            CASE i % 4 WHEN 1 THEN 'plumber' WHEN 2 THEN 'electrician' WHEN 3 THEN 'hvac' END,
                            CASE i % 4 WHEN 0 THEN 1 ELSE 2 END) AS c (category, risk, trade, tier);
INSERT INTO escrows (task_id, amount) SELECT t.id, t.price FROM tasks t JOIN users u ON u.id = t.poster_id
 WHERE u.firebase_uid = 'feed-poster';
UPDATE escrows e SET state = 'FUNDED', stripe_payment_intent_id = 'pi_feed_' || e.id FROM tasks t JOIN users u ON u.id = t.poster_id
 WHERE e.task_id = t.id AND u.firebase_uid = 'feed-poster';
ANALYZE;
