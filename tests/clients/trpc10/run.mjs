// Usage: as ../trpc/run.mjs, whose packages are needed too. A client of version 10 against a server of version 11
// (protocols.md §1.8): unary calls and batches work unchanged. Exits 1 with the first check that fails.
import { createTRPCProxyClient, httpBatchLink, httpLink } from '@trpc/client';
import { check, checked, refusal, target, token } from '../trpc/stage.mjs';

const kNobody = '00000000-0000-4000-8000-000000000000';
const kTask = {
  title: 'Couch', description: 'Two flights of stairs', location: 'Pike Street 1', category: 'moving', price: 5000,
  deadline: new Date(Date.now() + 86_400_000).toISOString(),
};

async function scene(link, bearer) {
  const client = createTRPCProxyClient({ links: [link({ url: `${target}/trpc`, headers: { authorization: `Bearer ${bearer}` } })] });
  check((await client.health.ping.query()).status, 'ok', 'its GET carries a content type');
  const task = await client.task.create.mutate(kTask);
  check((await client.task.getById.query({ task_id: task.id })).title, 'Couch');
  check((await refusal(client.task.getById.query({ task_id: kNobody }))).hx, 'NOT_FOUND');
  const invalid = await refusal(client.task.accept.mutate({ task_id: 'x' }));
  check([invalid.number, invalid.hx, invalid.field], [-32600, 'VALIDATION_ERROR', 'task_id']);
  check((await refusal(client.nope.query())).message, 'No procedure found on path "nope"');
  check((await refusal(client.task.create.query({}))).httpStatus, 405);

  const [profile, refused, xp] = await Promise.allSettled([
    client.user.getProfile.query(), client.task.getById.query({ task_id: kNobody }), client.user.getXP.query(),
  ]);
  check([profile.status, refused.status, xp.status], ['fulfilled', 'rejected', 'fulfilled']);
  check(refused.reason.data.hx, 'NOT_FOUND');
  const made = await Promise.all([1000, 2000].map((price) => client.task.create.mutate({ ...kTask, price })));
  const read = await Promise.all(made.map(({ id }) => client.task.getById.query({ task_id: id })));
  check(read.map(({ price }) => price), [1000, 2000], 'answers in the order of the calls');
}

try {
  const bearer = await token(`version-10-${Date.now()}`);
  for (const link of [httpLink, httpBatchLink]) await scene(link, bearer);
  console.log(`version 10: ${checked()} checks hold`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
