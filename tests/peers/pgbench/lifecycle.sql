-- The money's whole way, the statements that the server sends, one per call, each a durable transaction of its own:
-- task.create, escrow.createIntent (two), the payment's event, task.accept, task.submitProof, proof.accept,
-- task.complete with release, the payout's two, and two reads.
\set p random(1, :people)
\set w random(1, :people)
SELECT r->'ok'->>'id' AS task FROM api.task_create('bench-poster-' || :p, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', '{"title":"Assemble a shelf","description":"Two hours, tools are there.","location":"Seattle","price":5000,"category":"furniture_assembly","deadline":"2099-01-01T00:00:00Z"}'::jsonb) AS r \gset
SELECT r->'ok'->>'escrow_id' AS escrow FROM api.escrow_begin_intent('bench-poster-' || :p, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '"}')::jsonb) AS r \gset
SELECT api.escrow_store_intent(:escrow::uuid, 'pi_' || :escrow);
SELECT api.stripe_event(timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"id":"evt_' || :escrow || '","type":"payment_intent.succeeded","object_id":"pi_' || :escrow || '","amount":5000,"amount_received":5000,"currency":"usd","escrow_id":"' || :escrow || '"}')::jsonb);
SELECT api.task_accept('bench-worker-' || :w, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '"}')::jsonb);
SELECT r->'ok'->'proof'->>'id' AS proof FROM api.proof_submit('bench-worker-' || :w, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '","description":"Done.","photo_urls":["proofs/bench.jpg"]}')::jsonb) AS r \gset
SELECT api.proof_accept('bench-poster-' || :p, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"proof_id":"' || :proof || '"}')::jsonb);
SELECT api.task_get_by_id('bench-worker-' || :w, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '"}')::jsonb);
SELECT api.task_complete('bench-poster-' || :p, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '"}')::jsonb);
SELECT r->0->>'id' AS payout FROM api.outbox_claim(1, 30000) AS r \gset
SELECT api.outbox_done(nullif(:payout, '')::uuid, 'tr_' || :escrow);
SELECT api.escrow_get_by_task_id('bench-poster-' || :p, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', ('{"task_id":"' || :task || '"}')::jsonb);
