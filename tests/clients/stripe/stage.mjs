// What both test files share: the fake's address from the command line, and calls of its control API.
import assert from 'node:assert/strict';

const [, , base] = process.argv;
assert.ok(base, 'usage: node FILE.mjs http://127.0.0.1:PORT');
export const url = new URL(base);

export async function control(method, path, body) {
  const answer = await fetch(new URL(path, base), { method, body: body && JSON.stringify(body) });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return json;
}

let failed = 0;
export async function test(name, run) {
  try {
    await run();
    console.log('ok', name);
  } catch (error) {
    failed += 1;
    console.log('FAILED', name, error);
  }
}
export function finish() {
  process.exit(failed === 0 ? 0 : 1);
}
