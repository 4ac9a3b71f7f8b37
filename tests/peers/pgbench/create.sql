-- task.create: a task and its escrow in one durable call.
\set u random(1, :people)
SELECT api.task_create('bench-poster-' || :u, '', '', timestamptz 'epoch' + :now::bigint * interval '1 millisecond', '{"title":"Assemble a shelf","description":"Two hours, tools are there.","location":"Seattle","price":5000,"category":"furniture_assembly","deadline":"2099-01-01T00:00:00Z"}'::jsonb);
