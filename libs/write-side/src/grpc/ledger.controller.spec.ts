import { expect, it } from '@jest/globals';
import { toTimestamp, type rpc } from '#contracts';
import { plusMs } from '#domain';
import { createMetrics } from '#platform';
import { ledgerFixture, subscribe } from '../testing/fixture.js';
import { grantRequest } from '../testing/grant-request.js';
import { LedgerController } from './ledger.controller.js';

const customerId = 'cust_42';
/** A call whose caller waits for the answer. */
const call = { cancelled: false, once: () => undefined };

function grant(idempotencyKey: string, fields: Partial<rpc.GrantCreditsRequest>): rpc.GrantCreditsRequest {
  return grantRequest({ customerId, idempotencyKey, ...fields });
}

function hold(timesOutAt: rpc.Timestamp): rpc.PlaceHoldRequest {
  const byFeature = { creditSystem: '', amount: '', feature: 'free', quantity: '1' };
  return { customerId, idempotencyKey: 'hold', holdId: '', timesOutAt, ...byFeature };
}

it('every refused command is counted by its reason, whoever refuses it', async () => {
  const fixture = await ledgerFixture();
  const side = fixture.process();
  await subscribe(side, customerId);
  const metrics = createMetrics();
  const ledger = new LedgerController(side, fixture.eventStore, metrics);
  const timesOutAt = toTimestamp(plusMs(fixture.clock.now(), 60_000));

  await ledger.grantCredits(grant('k1', {}), undefined, call);
  const answers = await Promise.allSettled([
    ledger.grantCredits(grant('k2', { reason: 'x'.repeat(1025) }), undefined, call),
    ledger.grantCredits(grant('k3', { amount: '0' }), undefined, call),
    ledger.grantCredits(grant('k4', { creditSystem: 'nothing' }), undefined, call),
    ledger.placeHold(hold(timesOutAt), undefined, call),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));

  const { values } = await metrics.refusals.get();
  expect(values.map(({ labels, value }) => [labels.reason, value])).toEqual([
    ['COMMAND_MALFORMED', 2],
    ['CREDIT_SYSTEM_UNKNOWN', 1],
    ['NOT_CREDIT_METERED', 1],
  ]);
});
