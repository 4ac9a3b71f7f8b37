// create, intent, pay, webhook, accept, proof, review, complete, payout, XP; and the three outcomes of a dispute.
import { createHash, randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { check, control, eventually, linkNames, refusal, stripe, token, typed } from './stage.mjs';

const kTask = {
  title: 'Couch to Capitol Hill', description: 'Two flights of stairs', location: 'Pike Street 1',
  category: 'moving', price: 5000, deadline: new Date(Date.now() + 86_400_000).toISOString(),
};

// One grey pixel, and a comment that makes it unlike any other picture.
function pngPhoto() {
  const number = (value) => Buffer.from([value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255]);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([number(data.length), body, number(crc32(body))]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', Buffer.concat([number(1), number(1), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), randomBytes(16)])),
    chunk('IDAT', deflateSync(Buffer.from([0, 128]))), chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function cast(linkName, run) {
  const uids = { poster: `poster-${run}`, worker: process.env.HUSTLE_WORKER, admin: process.env.HUSTLE_ADMIN };
  const people = {};
  for (const [role, uid] of Object.entries(uids)) people[role] = typed(linkName, await token(uid));
  return people;
}

async function funded(people, price) {
  const task = await people.poster.task.create.mutate({ ...kTask, price });
  const first = await people.poster.escrow.createIntent.mutate({ task_id: task.id });
  const again = await people.poster.escrow.createIntent.mutate({ task_id: task.id });
  check(again, first, 'createIntent answers the same intent');
  await stripe.paymentIntents.confirm(first.payment_intent_id, { payment_method: 'pm_card_visa' });
  await eventually('funded', () => people.poster.escrow.getByTaskId.query({ task_id: task.id }),
    (escrow) => escrow.state === 'FUNDED');
  return task;
}

async function submitted(people, price) {
  const task = await funded(people, price);
  check((await people.worker.task.accept.mutate({ task_id: task.id })).state, 'ACCEPTED');
  const photos = [pngPhoto(), pngPhoto()];
  const types = ['before', 'after'];
  const { uploads } = await people.worker.proof.requestUpload.mutate({
    task_id: task.id,
    files: photos.map((photo, at) => ({
      photo_type: types[at], content_type: 'image/png', size_bytes: photo.length,
      checksum_sha256: createHash('sha256').update(photo).digest('hex'),
    })),
  });
  for (const [at, { method, url }] of uploads.entries()) {
    const headers = { 'content-type': 'image/png', 'if-none-match': '*' };
    check((await fetch(url, { method, headers, body: photos[at] })).status, 200, 'upload');
    check((await fetch(url, { method, headers, body: photos[at] })).status, 412, 'a place is used once');
  }
  const answer = await people.worker.task.submitProof.mutate({
    task_id: task.id, description: 'Done', photo_urls: uploads.map(({ key }) => key), gps_lat: 47.6062431,
    gps_lng: -122.3321587, gps_accuracy_m: 9.5, gps_captured_at: new Date().toISOString(),
  });
  check([answer.task.state, answer.proof.state], ['PROOF_SUBMITTED', 'SUBMITTED']);
  return { task, proof: answer.proof };
}

async function books(task) {
  const { captured, transferred, refunded, transfers, refunds } = await control('GET', `books?escrow=${task.escrow_id}`);
  return { captured, transferred, refunded, transfers, refunds };
}
const settled = (task, wanted) => eventually('books', () => books(task),
  (seen) => Object.keys(wanted).every((name) => seen[name] === wanted[name]));

async function happyPath(people) {
  const before = await people.worker.user.getXP.query();
  const { task, proof } = await submitted(people, 5000);
  check((await refusal(people.poster.task.complete.mutate({ task_id: task.id }))).hx, 'HX301');
  await people.poster.proof.accept.mutate({ proof_id: proof.id });
  const done = await people.poster.task.complete.mutate({ task_id: task.id });
  check([done.task.state, done.escrow.state], ['COMPLETED', 'RELEASED']);
  check(done.xp_awarded.base_xp, 50);
  const after = await people.worker.user.getXP.query({ limit: 1 });
  check(after.total_xp, before.total_xp + done.xp_awarded.effective_xp);
  check(after.recent_entries[0].task_id, task.id);
  check((await people.worker.user.getBadges.query()).earned_badges.some((badge) => badge.badge_type === 'first-task'), true);
  await settled(task, { captured: 5000, transferred: 4250, refunded: 0, transfers: 1 });
  const escrow = await eventually('transfer id', () => people.worker.escrow.getByTaskId.query({ task_id: task.id }),
    (seen) => seen.stripe_transfer_id !== null);
  check((await stripe.transfers.retrieve(escrow.stripe_transfer_id)).amount, 4250);
  check((await refusal(people.poster.task.complete.mutate({ task_id: task.id }))).hx, 'HX001');
  check((await people.poster.task.getById.query({ task_id: task.id })).worker.trust_tier >= 1, true);
}

async function dispute(people, resolution, extra, wanted) {
  const { task, proof } = await submitted(people, 1001);
  await people.poster.proof.reject.mutate({ proof_id: proof.id, reason: 'Scratched' });
  const opened = await people.worker.dispute.create.mutate({
    task_id: task.id, reason: 'QUALITY_ISSUE', description: 'It was scratched before', evidence_urls: ['evidence/1.jpg'],
  });
  check([opened.dispute.state, opened.task.state, opened.escrow.state], ['OPEN', 'DISPUTED', 'LOCKED_DISPUTE']);
  const verdict = { dispute_id: opened.dispute.id, resolution, notes: 'Heard both sides', ...extra };
  check((await refusal(people.poster.dispute.resolve.mutate(verdict))).hx, 'HX503');
  const resolved = await people.admin.dispute.resolve.mutate(verdict);
  check([resolved.task.state, resolved.escrow.state], wanted.states);
  check((await refusal(people.admin.dispute.resolve.mutate(verdict))).hx, 'CONFLICT');
  check((await people.poster.dispute.getByTaskId.query({ task_id: task.id })).resolution, resolution);
  await settled(task, wanted.books);
}

async function cancellation(people) {
  const task = await funded(people, 700);
  const answer = await people.poster.task.cancel.mutate({ task_id: task.id, reason: 'No couch any more' });
  check([answer.task.state, answer.escrow.state], ['CANCELLED', 'REFUNDED']);
  await settled(task, { captured: 700, transferred: 0, refunded: 700, refunds: 1 });
  check((await refusal(people.worker.task.accept.mutate({ task_id: task.id }))).hx, 'HX001');
}

export async function lifecycle() {
  for (const linkName of linkNames) {
    const people = await cast(linkName, `${linkName}-${Date.now()}`);
    await happyPath(people);
    await dispute(people, 'HUSTLER_WINS', {}, { states: ['COMPLETED', 'RELEASED'], books: { transferred: 850, refunded: 0 } });
    await dispute(people, 'CLIENT_WINS', {}, { states: ['CANCELLED', 'REFUNDED'], books: { transferred: 0, refunded: 1001 } });
    await dispute(people, 'SPLIT', { split_percent: 33 },
      { states: ['CANCELLED', 'REFUND_PARTIAL'], books: { transferred: 280, refunded: 671 } });
    await cancellation(people);
  }
}
