// The peer: hustle-server's procedures on Node with tRPC, zod and pg, the same SQL functions, one call per procedure.
// Settings come from the environment; when ready it prints {"target": URL} like hustle-server. WORKERS processes share
// the port and the pool of 20 connections.
import cluster from 'node:cluster';
import { createHmac, createPublicKey, createVerify, timingSafeEqual } from 'node:crypto';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { initTRPC, TRPCError } from '@trpc/server';
import fastify from 'fastify';
import pg from 'pg';
import { z } from 'zod';

const { DATABASE_URL, STRIPE_URL, CERTS_URL, WEBHOOK_SECRET = 'whsec_hustle', PROJECT = 'demo-hustle' } = process.env;
const workers = Number(process.env.WORKERS ?? 1);

if (cluster.isPrimary && workers > 1) {
  let ready = 0;
  for (let i = 0; i < workers; ++i) cluster.fork();
  cluster.on('message', (_, { target }) => {
    if (target && ++ready === workers) console.log(JSON.stringify({ target }));
  });
  cluster.on('exit', () => process.exit(3));
  process.on('SIGTERM', () => process.exit(0));
} else {
  const target = await serve();
  if (process.send) process.send({ target });
  else console.log(JSON.stringify({ target }));
}

async function serve() {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Math.max(1, Math.floor(20 / workers)) });
  const callFunction = (name) => ({
    name,
    text: `SELECT api.${name}($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 millisecond', $5::jsonb) AS answer`,
  });

  // --- tokens: verified once, remembered until they expire
  const keys = new Map();
  for (const [kid, pem] of Object.entries(await (await fetch(CERTS_URL)).json())) keys.set(kid, createPublicKey(pem));
  const known = new Map();
  function callerOf(header) {
    if (!header) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'HX501' });
    const now = Date.now() / 1000;
    const found = known.get(header);
    if (found && found.exp > now) return found;
    const [head, body, signature] = header.slice('Bearer '.length).split('.');
    const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url'));
    const claims = JSON.parse(Buffer.from(body, 'base64url'));
    const key = keys.get(kid);
    const holds = alg === 'RS256' && key && claims.exp > now && claims.aud === PROJECT &&
      claims.iss === `https://securetoken.google.com/${PROJECT}` && claims.iat <= now + 5 && claims.sub &&
      createVerify('RSA-SHA256').update(`${head}.${body}`).verify(key, Buffer.from(signature, 'base64url'));
    if (!holds) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'HX502' });
    const caller = { uid: claims.sub, email: claims.email ?? '', name: claims.name ?? '', exp: claims.exp };
    known.set(header, caller);
    return caller;
  }

  // --- procedures
  const t = initTRPC.context().create({ isDev: false });
  const authed = t.procedure.use(({ ctx, next }) => next({ ctx: { caller: callerOf(ctx.authorization) } }));
  async function call(statement, caller, input) {
    const { rows } = await pool.query({
      ...statement, values: [caller.uid, caller.email, caller.name, Date.now(), JSON.stringify(input ?? {})],
    });
    const { ok, refused, field } = rows[0].answer;
    if (refused) throw new TRPCError({ code: 'CONFLICT', message: `${refused} ${field ?? ''}` });
    return ok;
  }
  const query = (name, schema) => {
    const statement = callFunction(name);
    return authed.input(schema).query(({ ctx, input }) => call(statement, ctx.caller, input));
  };
  const mutation = (name, schema, after) => {
    const statement = callFunction(name);
    return authed.input(schema).mutation(async ({ ctx, input }) => {
      const answer = await call(statement, ctx.caller, input);
      after?.();
      return answer;
    });
  };

  async function stripe(path, form, key) {
    const answer = await fetch(`${STRIPE_URL}${path}`, {
      method: 'POST', body: new URLSearchParams(form),
      headers: { authorization: 'Bearer sk_test_hustle', 'idempotency-key': key },
    });
    return answer.json();
  }
  const beginIntent = callFunction('escrow_begin_intent');
  async function createIntent({ ctx, input }) {
    const begun = await call(beginIntent, ctx.caller, input);
    const intent = await stripe('/v1/payment_intents', {
      amount: begun.amount, currency: 'usd', 'metadata[escrow_id]': begun.escrow_id, 'metadata[task_id]': begun.task_id,
    }, `pi:${begun.escrow_id}`);
    await pool.query({
      name: 'store_intent', text: 'SELECT api.escrow_store_intent($1::uuid, $2)', values: [begun.escrow_id, intent.id],
    });
    return {
      escrow_id: begun.escrow_id, payment_intent_id: intent.id, client_secret: intent.client_secret, amount: begun.amount,
    };
  }

  // --- outbox: payouts after their commit
  let draining = false;
  let again = false;
  async function drain() {
    again = true;
    if (draining) return;
    draining = true;
    try {
      while (again) {
        again = false;
        const { rows } = await pool.query({ name: 'claim', text: 'SELECT api.outbox_claim(16, 30000) AS due' });
        await Promise.all(rows[0].due.map(async ({ id, key, payload }) => {
          const transfer = await stripe('/v1/transfers', {
            amount: payload.amount, currency: 'usd', destination: payload.destination, 'metadata[escrow_id]': payload.escrow_id,
          }, key);
          await pool.query({ name: 'done', text: 'SELECT api.outbox_done($1::uuid, $2)', values: [id, transfer.id] });
        }));
        if (rows[0].due.length > 0) again = true;
      }
    } finally {
      draining = false;
    }
  }

  const uuid = z.string().uuid();
  const byTask = z.object({ task_id: uuid }).strict();
  const newTask = z.object({
    title: z.string().min(1).max(255), description: z.string().min(1).max(5000),
    requirements: z.string().max(2000).optional(), location: z.string().min(1).max(255),
    location_lat: z.number().min(-90).max(90).optional(), location_lng: z.number().min(-180).max(180).optional(),
    category: z.string().min(1).max(100), price: z.number().int().min(500).max(100_000_000),
    deadline: z.string().datetime({ offset: true }).refine((text) => Date.parse(text) > Date.now()),
    mode: z.enum(['STANDARD', 'LIVE']).optional(), requires_proof: z.boolean().optional(),
    proof_instructions: z.string().max(2000).optional(),
  }).strict();
  const proof = z.object({
    task_id: uuid, description: z.string().min(1).max(2000),
    photo_urls: z.array(z.string().min(1).max(500)).min(1).max(5),
  }).strict();
  const router = t.router({
    health: t.router({ ping: t.procedure.query(() => ({ status: 'ok' })) }),
    user: t.router({ getProfile: query('user_get_profile', z.object({}).strict().optional()) }),
    task: t.router({
      create: mutation('task_create', newTask), accept: mutation('task_accept', byTask),
      submitProof: mutation('proof_submit', proof), complete: mutation('task_complete', byTask, drain),
      getById: query('task_get_by_id', byTask),
    }),
    escrow: t.router({
      createIntent: authed.input(byTask).mutation(createIntent), getByTaskId: query('escrow_get_by_task_id', byTask),
    }),
    proof: t.router({ accept: mutation('proof_accept', z.object({ proof_id: uuid }).strict()) }),
  });

  // --- HTTP
  const server = fastify({ logger: false });
  await server.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router, createContext: ({ req }) => ({ authorization: req.headers.authorization }) },
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body));
    scope.post('/webhooks/stripe', async (request, reply) => {
      const parts = Object.fromEntries((request.headers['stripe-signature'] ?? '').split(',').map((each) => each.split('=')));
      const expected = createHmac('sha256', WEBHOOK_SECRET).update(`${parts.t}.${request.body}`).digest('hex');
      const signed = parts.v1?.length === expected.length && timingSafeEqual(Buffer.from(parts.v1), Buffer.from(expected));
      if (!signed || Math.abs(Date.now() / 1000 - Number(parts.t)) > 300) return reply.code(400).send({ error: 'signature' });
      const { id, type, data: { object } } = JSON.parse(request.body);
      await pool.query({
        name: 'event',
        text: "SELECT api.stripe_event(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2::jsonb)",
        values: [Date.now(), JSON.stringify({
          id, type, object_id: object.id, amount: object.amount, amount_received: object.amount_received,
          currency: object.currency, escrow_id: object.metadata?.escrow_id,
        })],
      });
      return { received: true };
    });
  });
  return server.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) });
}
