// What every scene needs: clients of all links, tokens from the fake identity provider, the payment processor.
import assert from 'node:assert/strict';
import { createTRPCClient, createTRPCUntypedClient, httpBatchLink, httpBatchStreamLink, httpLink } from '@trpc/client';
import Stripe from 'stripe';

export const target = process.env.HUSTLE_TARGET;
export const providers = process.env.HUSTLE_PROVIDERS;
const processor = new URL(providers);
export const stripe = new Stripe('sk_test_hustle', {
  host: processor.hostname, port: Number(processor.port), protocol: 'http', telemetry: false,
});

export async function control(method, path, body) {
  const answer = await fetch(`${providers}/control/${path}`, {
    method, headers: { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} /control/${path}: ${answer.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

export async function token(uid, flavour = 'valid') {
  return (await control('POST', 'tokens', { uids: [uid], flavour })).tokens[0];
}

const kLinks = { httpLink, httpBatchLink, httpBatchStreamLink };
export const linkNames = Object.keys(kLinks);

function links(linkName, bearer) {
  return [kLinks[linkName]({ url: `${target}/trpc`, headers: bearer ? { authorization: `Bearer ${bearer}` } : {} })];
}
export const typed = (linkName, bearer) => createTRPCClient({ links: links(linkName, bearer) });
export const untyped = (linkName, bearer) => createTRPCUntypedClient({ links: links(linkName, bearer) });

// The refusal of a call, as the client library sees it.
export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    assert.equal(error.name, 'TRPCClientError', String(error));
    assert.ok(error.data, `an error without data: ${error.message}`);
    return { message: error.message, number: error.shape.code, ...error.data };
  }
  assert.fail('the call was not refused');
}

export async function eventually(what, read, holds) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const seen = await read();
    if (holds(seen)) return seen;
    assert.ok(Date.now() < deadline, `${what}: last seen ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let checks = 0;
export function check(actual, expected, what) {
  assert.deepEqual(actual, expected, what);
  ++checks;
}
export const checked = () => checks;
