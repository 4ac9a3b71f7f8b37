// jose, with the key sets that the fake serves, against the tokens that the fake issues: protocols.md §4.
import assert from 'node:assert/strict';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose';
import { control, finish, test, url } from './stage.mjs';

const jwksUrl = new URL('/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com', url);
const x509Url = new URL('/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com', url);
const rules = {
  issuer: 'https://securetoken.google.com/demo-hustle', audience: 'demo-hustle', algorithms: ['RS256'] };
const fresh = () => createRemoteJWKSet(jwksUrl, { cooldownDuration: 0 });

async function issue(flavour, claims) {
  const { tokens } = await control('POST', '/control/tokens', { uids: ['uid-1'], flavour, ...(claims && { claims }) });
  return tokens[0];
}

await test('a valid token passes by JWKS and by certificate', async () => {
  const token = await issue('valid', { name: 'Ann', role: 'worker' });
  const { payload } = await jwtVerify(token, fresh(), rules);
  assert.deepEqual([payload.sub, payload.user_id, payload.name, payload.role], ['uid-1', 'uid-1', 'Ann', 'worker']);
  assert.equal(payload.exp - payload.iat, 3600);
  const answer = await fetch(x509Url);
  assert.match(answer.headers.get('cache-control'), /^public, max-age=\d+, must-revalidate, no-transform$/);
  const certificates = await answer.json();
  assert.equal(Object.keys(certificates).length, 2);
  const key = await importX509(certificates[decodeProtectedHeader(token).kid], 'RS256');
  assert.equal((await jwtVerify(token, key, rules)).payload.sub, 'uid-1');
});

for (const [flavour, code] of [
  ['expired', 'ERR_JWT_EXPIRED'], ['wrong_audience', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['wrong_issuer', 'ERR_JWT_CLAIM_VALIDATION_FAILED'], ['unsigned', 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['hs256_with_certificate', 'ERR_JOSE_ALG_NOT_ALLOWED'], ['unknown_key', 'ERR_JWKS_NO_MATCHING_KEY'],
  ['bad_signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'], ['garbage', 'ERR_JWS_INVALID'], ['none', 'ERR_JWS_INVALID']]) {
  await test(`${flavour} is refused`, async () => {
    await assert.rejects(jwtVerify(await issue(flavour), fresh(), rules), { code });
  });
}

await test('what jose accepts and our server must not', async () => {
  assert.equal(decodeJwt(await issue('no_expiry')).exp, undefined);
  assert.ok(decodeJwt(await issue('issued_in_future')).iat > Date.now() / 1000 + 3000);
  assert.equal(decodeJwt(await issue('empty_subject')).sub, '');
  for (const flavour of ['no_expiry', 'issued_in_future', 'empty_subject']) {
    await jwtVerify(await issue(flavour), fresh(), rules);
  }
});

await test('rotation: the new key signs, the one before stays, the oldest goes', async () => {
  const old = await issue('valid');
  for (let round = 0; round < 2; round += 1) {
    const { kid } = await control('POST', '/control/rotate_keys');
    const token = await issue('valid');
    assert.equal(decodeProtectedHeader(token).kid, kid);
    await jwtVerify(token, fresh(), rules);
    if (round === 0) await jwtVerify(old, fresh(), rules);
  }
  await assert.rejects(jwtVerify(old, fresh(), rules), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
});
finish();
