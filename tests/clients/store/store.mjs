// protocols.md §5: the product's own upload paths as the real AWS SDK makes them, and its failures as the SDK reads them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const [, , base] = process.argv;
assert.ok(base, 'usage: node store.mjs http://127.0.0.1:PORT');
const kBucket = 'hustlexp-proof-photos';
const kKeys = { accessKeyId: 'HUSTLEACCESS', secretAccessKey: 'hustle-secret' };

function client(more = {}) {
  return new S3Client({
    endpoint: base, region: 'auto', forcePathStyle: true, credentials: kKeys, ...more,
  });
}
const careful = client({ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' });

async function control(method, path, body) {
  const answer = await fetch(new URL(`/control/objects/${path}`, base), { method, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
}

let failed = 0;
async function test(name, run) {
  try {
    await run();
    console.log('ok', name);
  } catch (error) {
    failed += 1;
    console.log('FAILED', name, error);
  }
}

async function text(s3, Key) {
  const got = await s3.send(new GetObjectCommand({ Bucket: kBucket, Key }));
  return got.Body.transformToString();
}
async function code(promise) {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error.name;
  }
}
const put = (s3, Key, Body, more = {}) => s3.send(new PutObjectCommand({ Bucket: kBucket, Key, Body, ...more }));
const refusal = async (answer) => [answer.status, /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1]];

await test('put, head, get, delete with the SDK\'s defaults', async () => {
  for (const s3 of [client(), careful]) {
    const stored = await put(s3, 'u/1/a.jpg', 'photo', { ContentType: 'image/jpeg' });
    assert.equal(stored.ETag, '"5ae0c1c8a5260bc7b6648f6fbd115c35"');
    const head = await s3.send(new HeadObjectCommand({ Bucket: kBucket, Key: 'u/1/a.jpg' }));
    assert.deepEqual([head.ContentLength, head.ContentType], [5, 'image/jpeg']);
    assert.equal(await text(s3, 'u/1/a.jpg'), 'photo');
    await s3.send(new DeleteObjectCommand({ Bucket: kBucket, Key: 'u/1/a.jpg' }));
    assert.equal(await code(text(s3, 'u/1/a.jpg')), 'NoSuchKey');
    assert.equal(await code(s3.send(new HeadObjectCommand({ Bucket: kBucket, Key: 'u/1/a.jpg' }))), 'NotFound');
  }
});

await test('keys that need every kind of encoding', async () => {
  for (const key of ['a b.jpg', "x(1)!'*.jpg", 'ü/日本.jpg', 'a+b&c=d?.jpg', '~tilde_-.jpg']) {
    await put(careful, key, key);
    assert.equal(await text(careful, key), key);
  }
});

await test('large bodies and streams', async () => {
  const bytes = randomBytes(3 << 20);
  await put(client(), 'large', bytes);
  await put(client(), 'stream', Readable.from([bytes.subarray(0, 1 << 20), bytes.subarray(1 << 20)]), {
    ContentLength: bytes.length,
  });
  for (const Key of ['large', 'stream']) {
    const got = await careful.send(new GetObjectCommand({ Bucket: kBucket, Key }));
    assert.ok(Buffer.from(await got.Body.transformToByteArray()).equals(bytes), Key);
  }
});

await test('only once', async () => {
  await put(careful, 'once', '1', { IfNoneMatch: '*' });
  assert.equal(await code(put(careful, 'once', '2', { IfNoneMatch: '*' })), 'PreconditionFailed');
  assert.equal(await text(careful, 'once'), '1');
});

await test('presigned PUT with signed type and length', async () => {
  const command = new PutObjectCommand({
    Bucket: kBucket, Key: 'signed.jpg', ContentType: 'image/jpeg', ContentLength: 5,
  });
  const url = await getSignedUrl(careful, command, {
    expiresIn: 600, signableHeaders: new Set(['host', 'content-type', 'content-length']),
  });
  const send = (body, type) => fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
  assert.deepEqual(await refusal(await send('photo', 'image/png')), [403, 'SignatureDoesNotMatch']);
  assert.deepEqual(await refusal(await send('photos', 'image/jpeg')), [403, 'SignatureDoesNotMatch']);
  assert.equal((await send('photo', 'image/jpeg')).status, 200);
  await control('PUT', 'profile', { profile: 's3', ahead_s: 601 });
  assert.deepEqual(await refusal(await send('photo', 'image/jpeg')), [403, 'AccessDenied']);
  await control('PUT', 'profile', { profile: 's3' });
  assert.equal(await text(careful, 'signed.jpg'), 'photo');
});

await test('the default checksum of a presigned PUT is that of no body', async () => {
  const command = new PutObjectCommand({ Bucket: kBucket, Key: 'checksum.jpg' });
  const url = await getSignedUrl(client(), command, { expiresIn: 600 });
  assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
  assert.deepEqual(await refusal(await fetch(url, { method: 'PUT', body: 'photo' })), [400, 'BadDigest']);
  await control('PUT', 'profile', { profile: 's3', strict_checksums: false });
  assert.equal((await fetch(url, { method: 'PUT', body: 'photo' })).status, 200);
  await control('PUT', 'profile', { profile: 's3' });
});

await test('presigned GET, and nothing without a signature', async () => {
  await put(careful, 'private.jpg', 'photo');
  const url = await getSignedUrl(careful, new GetObjectCommand({ Bucket: kBucket, Key: 'private.jpg' }), { expiresIn: 60 });
  assert.equal(await (await fetch(url)).text(), 'photo');
  assert.deepEqual(await refusal(await fetch(url.split('?')[0])), [403, 'AccessDenied']);
  assert.deepEqual(await refusal(await fetch(url.replace('private.jpg', 'signed.jpg'))), [403, 'SignatureDoesNotMatch']);
  assert.deepEqual(await refusal(await fetch(url, { method: 'DELETE' })), [403, 'SignatureDoesNotMatch']);
});

async function post(more, fields, file, name = 'a.jpg') {
  const made = await createPresignedPost(careful, { Bucket: kBucket, Expires: 600, ...more });
  const form = new FormData();
  for (const [field, value] of Object.entries({ ...made.fields, ...fields })) form.append(field, value);
  form.append('file', new Blob([file], { type: 'image/jpeg' }), name);
  return fetch(made.url, { method: 'POST', body: form });
}
const ranged = { Key: 'form/1.jpg', Conditions: [['content-length-range', 2, 5]] };

await test('presigned POST', async () => {
  assert.equal((await post(ranged, {}, 'photo')).status, 204);
  assert.equal(await text(careful, 'form/1.jpg'), 'photo');
  assert.deepEqual(await refusal(await post(ranged, {}, 'photos')), [400, 'EntityTooLarge']);
  assert.deepEqual(await refusal(await post(ranged, {}, 'p')), [400, 'EntityTooSmall']);
  assert.deepEqual(await refusal(await post(ranged, { key: 'form/2.jpg' }, 'photo')), [403, 'AccessDenied']);
  assert.deepEqual(await refusal(await post(ranged, { acl: 'public-read' }, 'photo')), [403, 'AccessDenied']);
  assert.deepEqual(await refusal(await post(ranged, { 'X-Amz-Signature': '0'.repeat(64) }, 'photo')), [403, 'SignatureDoesNotMatch']);
  const created = await post({ ...ranged, Fields: { success_action_status: '201' } }, {}, 'photo');
  assert.equal(created.status, 201);
  assert.match(await created.text(), /<Key>form\/1\.jpg<\/Key>/);
  const named = { Key: 'form/${filename}', Conditions: [['starts-with', '$key', 'form/']] };
  assert.equal((await post(named, {}, 'photo', 'b.jpg')).status, 204);
  assert.equal(await text(careful, 'form/b.jpg'), 'photo');
  await control('PUT', 'profile', { profile: 's3', ahead_s: 601 });
  assert.deepEqual(await refusal(await post(ranged, {}, 'photo')), [403, 'AccessDenied']);
  await control('PUT', 'profile', { profile: 'r2' });
  assert.deepEqual(await refusal(await post(ranged, {}, 'photo')), [501, 'NotImplemented']);
  await control('PUT', 'profile', { profile: 's3' });
});

await test('who signs, and with what', async () => {
  const other = (more) => client({ credentials: { ...kKeys, ...more } });
  assert.equal(await code(put(other({ accessKeyId: 'NOBODY' }), 'x', '1')), 'InvalidAccessKeyId');
  assert.equal(await code(put(other({ secretAccessKey: 'wrong' }), 'x', '1')), 'SignatureDoesNotMatch');
  assert.notEqual(await code(put(client({ region: 'us-east-1' }), 'x', '1')), 'none');
});

await test('two failures are tried again, ten are not', async () => {
  for (const kind of ['slow_down', 'error_500']) {
    await control('PUT', 'faults', { kind, times: 2 });
    await put(careful, 'again', kind);
    assert.equal(await text(careful, 'again'), kind);
  }
  await control('PUT', 'faults', { kind: 'slow_down', times: 10 });
  assert.equal(await code(put(careful, 'again', '3')), 'SlowDown');
  await control('PUT', 'faults', { kind: 'missing', method: 'GET', times: 1 });
  assert.equal(await code(text(careful, 'again')), 'NoSuchKey');
});

process.exit(failed === 0 ? 0 : 1);
