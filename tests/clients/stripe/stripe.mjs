// The real stripe package (two majors) against the fake processor: protocols.md §3.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Stripe23 from 'stripe';
import Stripe17 from 'stripe-17';
import { control, finish, test, url } from './stage.mjs';

function client(Stripe, options = {}, key = 'sk_test_hustle') {
  return new Stripe(key, { host: url.hostname, port: Number(url.port), protocol: 'http', telemetry: false, ...options });
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'expected a refusal' });
}

async function funded(stripe, escrow, amount = 5000) {
  const intent = await stripe.paymentIntents.create(
    { amount, currency: 'usd', metadata: { escrow_id: escrow, 'odd[key]': 'a b&c' }, transfer_group: escrow },
    { idempotencyKey: `pi:${escrow}` });
  assert.equal(intent.status, 'requires_payment_method');
  return stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa', expand: ['latest_charge'] });
}

for (const [major, Stripe] of [['23', Stripe23], ['17', Stripe17]]) {
  const stripe = client(Stripe);
  const once = client(Stripe, { maxNetworkRetries: 0 });

  await test(`${major}: lifecycle of the money`, async () => {
    const escrow = randomUUID();
    const paid = await funded(stripe, escrow);
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.amount_received, 5000);
    assert.equal(paid.metadata['odd[key]'], 'a b&c');
    assert.equal(paid.latest_charge.object, 'charge');
    assert.equal((await stripe.paymentIntents.retrieve(paid.id)).latest_charge, paid.latest_charge.id);

    const worker = await stripe.accounts.create(
      { type: 'express', country: 'US', capabilities: { transfers: { requested: true } } });
    assert.equal(worker.capabilities.transfers, 'active');
    assert.equal((await stripe.accounts.retrieve(worker.id)).id, worker.id);
    const transfer = await stripe.transfers.create({
      amount: 2550, currency: 'usd', destination: worker.id, transfer_group: escrow,
      metadata: { escrow_id: escrow } }, { idempotencyKey: `tr:${escrow}` });
    assert.equal((await stripe.transfers.retrieve(transfer.id)).amount, 2550);
    const listed = await stripe.transfers.list({ transfer_group: escrow });
    assert.deepEqual(listed.data.map((t) => t.id), [transfer.id]);
    assert.equal(listed.has_more, false);

    const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 2000 });
    assert.equal(refund.status, 'succeeded');
    assert.equal(refund.charge, paid.latest_charge.id);
    assert.deepEqual(await control('GET', `/control/books?escrow=${escrow}`), {
      destinations: [transfer.destination], open_intents: 0,
      captured: 5000, transferred: 2550, refunded: 2000, transfers: 1, refunds: 1, intents: 1 });
    const { events } = await control('GET', `/control/events?escrow=${escrow}`);
    assert.deepEqual(events.map((event) => event.type), [
      'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'transfer.created', 'refund.created',
      'charge.refunded']);
  });

  await test(`${major}: cancel, and what is refused afterwards`, async () => {
    const intent = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' });
    const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
    assert.equal(canceled.status, 'canceled');
    assert.equal(canceled.cancellation_reason, 'abandoned');
    for (const again of [() => stripe.paymentIntents.cancel(intent.id),
      () => stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' }),
      () => stripe.refunds.create({ payment_intent: intent.id })]) {
      const error = await refusal(again());
      assert.equal(error.type, 'StripeInvalidRequestError');
      assert.equal(error.code, 'payment_intent_unexpected_state');
      assert.equal(error.payment_intent.status, 'canceled');
    }
  });

  await test(`${major}: manual capture takes a part and releases the rest`, async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 900, currency: 'usd', capture_method: 'manual', payment_method: 'pm_card_visa', confirm: true });
    assert.equal(intent.status, 'requires_capture');
    const tooMuch = await refusal(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 901 }));
    assert.equal(tooMuch.code, 'amount_too_large');
    const captured = await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 400 });
    assert.equal(captured.status, 'succeeded');
    assert.equal(captured.amount_received, 400);
  });

  await test(`${major}: a key replays its first answer and refuses other parameters`, async () => {
    const escrow = randomUUID();
    const worker = (await control('POST', '/control/accounts', { count: 1 })).accounts[0];
    await funded(stripe, escrow);
    const pay = (amount) => stripe.transfers.create(
      { amount, currency: 'usd', destination: worker, metadata: { escrow_id: escrow } },
      { idempotencyKey: `tr:${escrow}` });
    const first = await pay(100);
    const second = await pay(100);
    assert.equal(second.id, first.id);
    assert.equal(first.lastResponse.headers['idempotent-replayed'], undefined);
    assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(second.lastResponse.headers['original-request'], first.lastResponse.requestId);
    assert.equal((await control('GET', `/control/books?escrow=${escrow}`)).transfers, 1);
    const other = await refusal(pay(101));
    assert.equal(other.type, 'StripeIdempotencyError');
    assert.equal(other.statusCode, 400);
    const elsewhere = await refusal(stripe.refunds.create(
      { payment_intent: 'pi_x' }, { idempotencyKey: `tr:${escrow}` }));
    assert.match(elsewhere.message, /same endpoint .*'\/v1\/refunds' vs '\/v1\/transfers'/);
  });

  await test(`${major}: refused parameters are not remembered`, async () => {
    const key = randomUUID();
    const error = await refusal(stripe.paymentIntents.create({ currency: 'usd' }, { idempotencyKey: key }));
    assert.equal(error.code, 'parameter_missing');
    assert.equal(error.param, 'amount');
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' }, { idempotencyKey: key });
    assert.equal(intent.amount, 500);
  });

  await test(`${major}: error classes`, async () => {
    const cases = [
      [() => stripe.paymentIntents.retrieve('pi_nobody'), 'StripeInvalidRequestError', 404, 'resource_missing'],
      [() => stripe.paymentIntents.create({ amount: 1, currency: 'usd' }), 'StripeInvalidRequestError', 400, 'amount_too_small'],
      [() => stripe.paymentIntents.create({ amount: 500, currency: 'usd', colour: 'red' }), 'StripeInvalidRequestError', 400, 'parameter_unknown'],
      [() => stripe.transfers.create({ amount: 1, currency: 'usd', destination: 'acct_nobody' }), 'StripeInvalidRequestError', 400, 'resource_missing'],
      [() => client(Stripe, {}, 'pk_wrong').balance.retrieve(), 'StripeAuthenticationError', 401, undefined],
    ];
    for (const [call, type, status, code] of cases) {
      const error = await refusal(call());
      assert.deepEqual([error.type, error.statusCode, error.code], [type, status, code]);
      assert.match(error.requestId, /^req_/);
    }
    const poor = (await control('POST', '/control/accounts', { count: 1 })).accounts[0];
    const available = (await stripe.balance.retrieve()).available[0].amount;
    const broke = await refusal(stripe.transfers.create({ amount: available + 1, currency: 'usd', destination: poor }));
    assert.equal(broke.code, 'balance_insufficient');
    const inactive = await stripe.accounts.create({ type: 'express', country: 'US' });
    const closed = await refusal(stripe.transfers.create({ amount: 1, currency: 'usd', destination: inactive.id }));
    assert.equal(closed.code, 'insufficient_capabilities_for_transfer');
  });

  await test(`${major}: a declined card, then another one`, async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    const error = await refusal(stripe.paymentIntents.confirm(
      intent.id, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }));
    assert.equal(error.type, 'StripeCardError');
    assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, 'card_declined', 'insufficient_funds']);
    assert.equal(error.payment_intent.status, 'requires_payment_method');
    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.last_payment_error, null);
  });

  await test(`${major}: refunds end at what was captured`, async () => {
    const paid = await funded(stripe, randomUUID(), 600);
    await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
    assert.equal((await refusal(stripe.refunds.create({ payment_intent: paid.id, amount: 101 }))).code, 'amount_too_large');
    assert.equal((await stripe.refunds.create({ payment_intent: paid.id })).amount, 100);
    assert.equal((await refusal(stripe.refunds.create({ payment_intent: paid.id }))).code, 'charge_already_refunded');
  });

  await test(`${major}: a lost answer is retried and pays once`, async () => {
    const escrow = randomUUID();
    const worker = (await control('POST', '/control/accounts', { count: 1 })).accounts[0];
    await funded(stripe, escrow);
    await control('PUT', '/control/faults', { operation: 'transfers.create', kind: 'lost_answer', times: 1 });
    const transfer = await stripe.transfers.create(
      { amount: 425, currency: 'usd', destination: worker, metadata: { escrow_id: escrow } });
    assert.equal(transfer.lastResponse.headers['idempotent-replayed'], 'true');
    const books = await control('GET', `/control/books?escrow=${escrow}`);
    assert.deepEqual([books.transfers, books.transferred], [1, 425]);
  });

  await test(`${major}: server errors, remembered and not`, async () => {
    await control('PUT', '/control/faults', { operation: 'payment_intents.create', kind: 'error_500', times: 1 });
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
    assert.match(intent.id, /^pi_/);
    await control('PUT', '/control/faults', { operation: 'payment_intents.create', kind: 'error_500_stored', times: 1 });
    const error = await refusal(stripe.paymentIntents.create({ amount: 500, currency: 'usd' }));
    assert.deepEqual([error.type, error.statusCode], ['StripeAPIError', 500]);
    await control('PUT', '/control/faults', { operation: 'payment_intents.create', kind: 'rate_limit', times: 1 });
    const limited = await refusal(stripe.paymentIntents.create({ amount: 500, currency: 'usd' }));
    assert.deepEqual([limited.type, limited.statusCode], ['StripeRateLimitError', 429]);
  });

  await test(`${major}: a key in use is 409`, async () => {
    await control('PUT', '/control/faults', { operation: 'payment_intents.create', kind: 'slow_ms:300', times: 1 });
    const idempotencyKey = randomUUID();
    const call = () => once.paymentIntents.create({ amount: 500, currency: 'usd' }, { idempotencyKey });
    const slow = call();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const error = await refusal(call());
    assert.equal(error.statusCode, 409);
    assert.equal(error.type, major === '23' ? 'StripeAPIError' : 'StripeIdempotencyError');
    assert.equal((await call().catch(() => slow)).id, (await slow).id);
  });

  await test(`${major}: constructEvent takes the genuine and refuses the others`, async () => {
    const paid = await funded(stripe, randomUUID());
    const { events } = await control('GET', `/control/events?payment_intent=${paid.id}&type=payment_intent.succeeded`);
    assert.equal(events.length, 1);
    const envelope = (flavour) => control('POST', `/control/events/${events[0].id}/envelope`, { flavour });
    const construct = ({ body, signature }) => stripe.webhooks.constructEvent(body, signature, 'whsec_hustle');
    const genuine = await envelope('genuine');
    const event = construct(genuine);
    assert.equal(event.id, events[0].id);
    assert.equal(event.data.object.amount_received, 5000);
    assert.equal((await envelope('genuine')).body, genuine.body);

    for (const [flavour, text] of [
      ['forged_signature', /No signatures found matching/], ['no_signature', /No stripe-signature header/],
      ['stale', /Timestamp outside the tolerance/], ['tampered_body', /No signatures found matching/]]) {
      const bad = await envelope(flavour);
      assert.throws(() => construct(bad), text, flavour);
    }
    assert.equal(construct(await envelope('future')).id, event.id);  // the SDK accepts it; the server must not
    const amount = construct(await envelope('wrong_amount'));
    assert.notEqual(amount.id, event.id);
    assert.equal(amount.type, event.type);
    assert.equal(amount.data.object.amount, 5100);
    assert.equal(construct(await envelope('wrong_currency')).data.object.currency, 'eur');
    assert.notEqual(construct(await envelope('foreign_intent')).data.object.id, paid.id);
    const good = await envelope('genuine');
    for (const signature of ['', 'v1=aa', good.signature.replace(',', ', '), good.signature.toUpperCase(),
      good.signature.replace('v1=', 'v0=')]) {
      assert.throws(() => construct({ body: good.body, signature }));
    }
    assert.throws(() => stripe.webhooks.constructEvent(good.body, good.signature, 'whsec_other'));
  });

  await test(`${major}: lists page through`, async () => {
    const group = randomUUID();
    const worker = (await control('POST', '/control/accounts', { count: 1 })).accounts[0];
    await funded(stripe, group);
    for (let amount = 1; amount <= 5; amount += 1) {
      await stripe.transfers.create({ amount, currency: 'usd', destination: worker, transfer_group: group });
    }
    const amounts = [];
    for await (const transfer of stripe.transfers.list({ transfer_group: group, limit: 2 })) amounts.push(transfer.amount);
    assert.deepEqual(amounts, [5, 4, 3, 2, 1]);
  });
}
finish();
