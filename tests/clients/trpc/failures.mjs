// The failure catalogue of tRPC v11 (protocols.md §1.5), first through the real client, then byte by byte.
import { createTRPCClient, httpBatchStreamLink } from '@trpc/client';
import { check, linkNames, refusal, stripe, target, token, typed, untyped } from './stage.mjs';

const kNobody = '00000000-0000-4000-8000-000000000000';

async function throughTheClient(linkName, bearer) {
  const client = untyped(linkName, bearer);
  const unknown = await refusal(client.query('nope'));
  check([unknown.number, unknown.code, unknown.httpStatus, unknown.path, unknown.message],
    [-32004, 'NOT_FOUND', 404, 'nope', 'No procedure found on path "nope"']);
  const get = await refusal(client.query('task.create', {}));
  check([get.number, get.httpStatus, get.message],
    [-32005, 405, 'Unsupported GET-request to mutation procedure at path "task.create"']);
  const post = await refusal(client.mutation('task.getById', { task_id: kNobody }));
  check([post.code, post.message],
    ['METHOD_NOT_SUPPORTED', 'Unsupported POST-request to query procedure at path "task.getById"']);
  const missing = await refusal(client.mutation('task.accept'));
  check([missing.number, missing.hx, missing.httpStatus], [-32600, 'VALIDATION_ERROR', 400]);
  const field = await refusal(client.mutation('task.accept', { task_id: 'x' }));
  check([field.field, field.path], ['task_id', 'task.accept']);
  check(Object.keys(field.zodError.fieldErrors), ['task_id'], 'as form libraries read it');
  check((await refusal(client.mutation('task.accept', { task_id: kNobody }))).hx, 'NOT_FOUND');
  check(typeof (await client.query('v1.user.getProfile')).id, 'string', 'the alias of decision 21');
  const huge = await refusal(client.mutation('task.accept', { task_id: 'x'.repeat(1_200_000) }));
  check([huge.number, huge.code, huge.httpStatus], [-32013, 'PAYLOAD_TOO_LARGE', 413]);
}

async function credentials(linkName) {
  const none = await refusal(typed(linkName).user.getProfile.query());
  check([none.number, none.hx, none.httpStatus, none.path], [-32001, 'HX501', 401, 'user.getProfile']);
  for (const flavour of ['expired', 'wrong_audience', 'unsigned', 'hs256_with_certificate', 'garbage']) {
    const bad = typed(linkName, await token('somebody', flavour));
    check((await refusal(bad.user.getProfile.query())).hx, 'HX502', flavour);
  }
  check((await refusal(untyped(linkName).query('nope'))).httpStatus, 404, 'an unknown path answers before the credential');
}

async function mixedBatch(linkName, bearer) {
  const client = typed(linkName, bearer);
  const [profile, refused, list] = await Promise.allSettled([
    client.user.getProfile.query(), client.task.getById.query({ task_id: kNobody }), client.task.list.query(),
  ]);
  check([profile.status, refused.status, list.status], ['fulfilled', 'rejected', 'fulfilled']);
  check(refused.reason.data.hx, 'NOT_FOUND');
  const bad = typed(linkName, 'garbage');
  const both = await Promise.allSettled([bad.user.getProfile.query(), bad.user.getXP.query()]);
  check(both.map((one) => one.reason.data.path), ['user.getProfile', 'user.getXP'], 'one refusal for each call');
  const one = untyped(linkName, bearer);
  const tooMany = await Promise.all(Array(51).fill(0).map(() => refusal(one.query('user.getXP'))));
  check(new Set(tooMany.map(({ message }) => message)), new Set(['Batch call exceeds maximum size']));
}

async function raw(bearer) {
  const headers = { authorization: `Bearer ${bearer}` };
  const json = { ...headers, 'content-type': 'application/json' };
  const ask = async (path, options = {}) => {
    const answer = await fetch(`${target}/trpc/${path}`, { headers, ...options });
    const text = await answer.text();
    return { status: answer.status, allow: answer.headers.get('allow'), type: answer.headers.get('content-type'),
      vary: answer.headers.get('vary'), body: text === '' ? null : JSON.parse(text) };
  };
  const post = (path, body, extra = {}) => ask(path, { method: 'POST', body, headers: { ...json, ...extra } });
  const statusAndMessage = (answer) => [answer.status, (answer.body[0] ?? answer.body).error.message];

  check(statusAndMessage(await ask('user.getProfile,user.getXP')),
    [404, 'No procedure found on path "user.getProfile,user.getXP"']);
  check((await ask('user.getProfile%2Cuser.getXP?batch=1')).status, 200, 'the path is decoded first');
  check(statusAndMessage(await ask('%ZZ')), [400, 'Invalid URL-encoding in path "%ZZ"']);
  check((await ask('task.create')).allow, 'POST');
  check((await post('task.list', '')).allow, 'GET');
  const malformed = await post('task.accept', '{"task_id":');
  check([malformed.status, malformed.body.error.code, malformed.body.error.data.path], [400, -32600, 'task.accept']);
  const malformedBatch = await post('task.accept,task.cancel?batch=1', '{');
  check(malformedBatch.body.map((one) => one.error.data.path), ['task.accept', 'task.cancel']);
  check(statusAndMessage(await post('task.accept?batch=1', '[{}]')),
    [400, '"input" needs to be an object when doing a batch call']);
  const partial = await post('task.accept,task.cancel?batch=1', JSON.stringify({ 1: { task_id: kNobody } }));
  check([partial.status, ...partial.body.map((one) => one.error.data.hx)], [207, 'VALIDATION_ERROR', 'NOT_FOUND']);
  const one = await ask('user.getProfile?batch=1&input=%7B%7D');
  check([one.status, one.body.length, one.vary], [200, 1, 'trpc-accept, accept']);
  const text = await post('task.accept', 'x', { 'content-type': 'text/plain' });
  check([...statusAndMessage(text), text.type, text.body.error.code, 'path' in text.body.error.data],
    [415, 'Unsupported content-type "text/plain', 'text/plain;charset=UTF-8', -32015, false]);
  const upper = await post('task.accept', '{}', { 'content-type': 'APPLICATION/JSON ; charset=utf-8' });
  check(upper.status, 400, 'a media type without regard to case: the input is looked at');
  check((await post('task.accept', '{}', { 'content-type': 'application/json-seq' })).status, 415);
  check(statusAndMessage(await ask('task.accept', { method: 'OPTIONS' })), [415, 'Missing content-type header']);
  check(statusAndMessage(await ask('task.accept', { method: 'PUT' })), [415, 'Missing content-type header']);
  const head = await ask('user.getProfile', { method: 'HEAD' });
  check([head.status, head.body], [204, null]);
  check(statusAndMessage(await ask('user.getProfile,task.accept?batch=1')), [400, 'Cannot mix procedure types in call: query, mutation']);
  check(statusAndMessage(await ask('user.getProfile', { headers: { ...headers, 'trpc-accept': 'application/jsonl' } })),
    [400, 'Streaming requests must be batched (you can do a batch of 1)']);
  check((await ask('task.list?input=')).status, 200, 'an empty input counts as none');
  check(statusAndMessage(await post('health.ping,task.accept?batch=1', '{}')),
    [400, 'Cannot mix procedure types in call: query, mutation']);
  const many = Array(60).fill('user.getXP').join(',');
  check(statusAndMessage(await ask(`${many}?batch=1`)), [400, 'Batch call exceeds maximum size']);
  check((await ask('task.accept', { method: 'DELETE', headers: json })).status, 405);
}

// A streamed batch answers 200, whatever is inside, as whole lines (§1.6).
async function rawStreams(bearer) {
  const ask = async (path, headers) => {
    const answer = await fetch(`${target}/trpc/${path}`, { headers: { authorization: `Bearer ${bearer}`, ...headers } });
    const text = await answer.text();
    return { status: answer.status, type: answer.headers.get('content-type'), vary: answer.headers.get('vary'), text };
  };
  const lines = { 'trpc-accept': 'application/jsonl' };
  const mixed = await ask('health.ping,nope?batch=1', lines);
  check([mixed.status, mixed.type, mixed.vary], [200, 'application/json', 'trpc-accept, accept']);
  check(mixed.text.split('\n').length, 2, 'one line that ends');
  const head = JSON.parse(mixed.text);
  check(head[0], [[{ result: { data: { status: 'ok' } } }]]);
  check(head[1][0][0].error.data.httpStatus, 404);
  const refused = await ask('user.getXP,user.getProfile?batch=1', { ...lines, authorization: 'Bearer garbage' });
  check([refused.status, refused.text.endsWith('\n'), Object.keys(JSON.parse(refused.text))], [200, true, ['0', '1']]);
  const isStream = async (headers) => (await ask('health.ping?batch=1', headers)).text.startsWith('{"0"');
  check(await isStream({ accept: 'text/html, application/jsonl' }), true);
  check(await isStream({ accept: 'application/jsonlines' }), false);
  check(await isStream({ 'trpc-accept': 'application/json', accept: 'application/jsonl' }), false, 'its own header first');
  const big = await ask(`${Array(51).fill('user.getXP').join(',')}?batch=1`, lines);
  check([big.status, JSON.parse(big.text).error.message], [400, 'Batch call exceeds maximum size']);
}

async function streamsByTheOtherHeader(bearer) {
  const client = createTRPCClient({ links: [httpBatchStreamLink({
    url: `${target}/trpc`, streamHeader: 'accept', headers: { authorization: `Bearer ${bearer}` },
  })] });
  const [profile, refused] = await Promise.allSettled([
    client.user.getProfile.query(), client.task.getById.query({ task_id: kNobody }),
  ]);
  check([typeof profile.value.id, refused.reason.data.hx], ['string', 'NOT_FOUND']);
}

// The real package signs; the server verifies.
async function signedByThePackage() {
  const payload = JSON.stringify({ id: `evt_package_${Date.now()}`, object: 'event', type: 'customer.updated', data: { object: {} } });
  const send = (signature) => fetch(`${target}/webhooks/stripe`, {
    method: 'POST', body: payload, headers: { 'stripe-signature': signature, 'content-type': 'application/json' },
  });
  const secret = process.env.HUSTLE_WEBHOOK_SECRET;
  const good = await send(stripe.webhooks.generateTestHeaderString({ payload, secret }));
  check([good.status, await good.json()], [200, { received: true }]);
  check((await send(stripe.webhooks.generateTestHeaderString({ payload, secret: 'whsec_other' }))).status, 400);
  const stale = Math.floor(Date.now() / 1000) - 400;
  check((await send(stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: stale }))).status, 400);
}

export async function failures() {
  const bearer = await token(`failures-${Date.now()}`);
  for (const linkName of linkNames) {
    await throughTheClient(linkName, bearer);
    await credentials(linkName);
  }
  for (const linkName of ['httpBatchLink', 'httpBatchStreamLink']) await mixedBatch(linkName, bearer);
  await streamsByTheOtherHeader(bearer);
  await raw(bearer);
  await rawStreams(bearer);
  await signedByThePackage();
}
