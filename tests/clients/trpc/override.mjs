// A client with methodOverride: 'POST' against a server that takes it (protocols.md §1.5): queries come as POST with
// the input in the body, a mutation is never reached by GET.
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import { check, refusal, target, token, untyped } from './stage.mjs';

export async function override() {
  const bearer = await token(`override-${Date.now()}`);
  const headers = { authorization: `Bearer ${bearer}` };
  for (const link of [httpLink, httpBatchLink, httpBatchStreamLink]) {
    const client = createTRPCClient({ links: [link({ url: `${target}/trpc`, methodOverride: 'POST', headers })] });
    check((await client.user.getXP.query({ limit: 1 })).total_xp, 0);
    const [profile, wrong] = await Promise.allSettled([
      client.user.getProfile.query(), client.user.getXP.query({ limit: 'many' }),
    ]);
    check([profile.status, wrong.status, wrong.reason.data.field], ['fulfilled', 'rejected', 'limit'],
      'the input is the body');
  }
  const get = await refusal(untyped('httpLink', bearer).query('task.create', {}));
  check([get.httpStatus, get.message], [405, 'Unsupported GET-request to mutation procedure at path "task.create"']);
  const allow = async (method, path) => {
    const json = { ...headers, 'content-type': 'application/json' };
    const answer = await fetch(`${target}/trpc/${path}`, { method, headers: json });
    await answer.text();
    return [answer.status, answer.headers.get('allow')];
  };
  check(await allow('PUT', 'user.getXP'), [405, 'GET, POST'], 'POST is the only method that overrides');
  check(await allow('PUT', 'task.create'), [405, 'POST']);
}
