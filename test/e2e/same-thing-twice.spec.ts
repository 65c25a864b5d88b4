import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { rpc } from '#contracts';
import { HOUR, refusal, refusedWith, type LedgerClient } from '../support/ledger-client.js';
import { startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

/** A call that is sent once, again, and with other content under the same key. */
interface Twice {
  readonly rpc: string;
  readonly send: (client: LedgerClient) => Promise<object>;
  readonly other: (client: LedgerClient) => Promise<object>;
  /** What else has to have happened first. */
  readonly before?: (client: LedgerClient) => Promise<unknown>;
}

const customerId = 'twice';
const keyed = (idempotencyKey: string) => ({ customerId, idempotencyKey });
const tokens = { creditSystem: 'ai-tokens' };
const why = { reason: 'because', actor: 'somebody' };
const usage = (id: string, quantity: string): rpc.UsageEvent => ({
  customerId,
  source: 'gateway',
  id,
  feature: 'transcription',
  quantity,
  time: { seconds: Math.floor(startedAt / 1000), nanos: 0 },
  dimensions: { lang: 'de' },
});
const startedAt = Date.now() - HOUR / 2;
const timesOutAt = { seconds: Math.floor((startedAt + 3 * HOUR) / 1000), nanos: 0 };
const terms = { enabled: true, threshold: '1000', target: '9000', dailyCap: '', monthlyCap: '' };

/** Every command of the ledger, in an order in which each finds what it needs. */
const COMMANDS: readonly Twice[] = [
  {
    rpc: 'StartSubscription',
    send: ({ ledger: { startSubscription } }) =>
      startSubscription({
        ...keyed('start'),
        subscriptionId: 'sub',
        planId: 'pro',
        startsAt: { seconds: Math.floor((startedAt - 40 * 24 * HOUR) / 1000), nanos: 0 },
      }),
    other: ({ ledger: { startSubscription } }) =>
      startSubscription({ ...keyed('start'), subscriptionId: 'sub', planId: 'pro' }),
  },
  {
    rpc: 'RecordUsage',
    send: ({ ledger: { recordUsage } }) => recordUsage({ usage: usage('u1', '40'), mode: 'METERED' }),
    other: ({ ledger: { recordUsage } }) => recordUsage({ usage: usage('u1', '41'), mode: 'METERED' }),
  },
  {
    rpc: 'GrantCredits',
    send: ({ ledger: { grantCredits } }) =>
      grantCredits({ ...keyed('grant'), ...tokens, ...why, amount: '5' }),
    other: ({ ledger: { grantCredits } }) =>
      grantCredits({ ...keyed('grant'), ...tokens, ...why, amount: '6' }),
  },
  {
    rpc: 'PurchaseCredits',
    send: ({ ledger: { purchaseCredits } }) =>
      purchaseCredits({ ...keyed('buy'), ...tokens, quantity: '500', paymentReference: 'in_1' }),
    other: ({ ledger: { purchaseCredits } }) =>
      purchaseCredits({ ...keyed('buy'), ...tokens, quantity: '500', paymentReference: 'in_2' }),
  },
  {
    rpc: 'VoidGrant',
    send: ({ ledger: { voidGrant } }) =>
      voidGrant({ ...keyed('void'), ...tokens, grantId: 'promotion/grant', reason: 'by mistake' }),
    other: ({ ledger: { voidGrant } }) =>
      voidGrant({ ...keyed('void'), ...tokens, grantId: 'purchase/buy', reason: 'by mistake' }),
  },
  {
    rpc: 'PlaceHold',
    send: ({ ledger: { placeHold } }) => placeHold({ ...keyed('hold'), ...tokens, amount: '10', timesOutAt }),
    other: ({ ledger: { placeHold } }) =>
      placeHold({ ...keyed('hold'), ...tokens, amount: '11', timesOutAt }),
  },
  {
    rpc: 'CaptureHold',
    send: ({ ledger: { captureHold } }) => captureHold({ ...keyed('capture'), holdId: 'hold', amount: '4' }),
    other: ({ ledger: { captureHold } }) => captureHold({ ...keyed('capture'), holdId: 'hold' }),
  },
  {
    rpc: 'ReleaseHold',
    before: ({ ledger: { placeHold } }) =>
      placeHold({ ...keyed('hold 2'), ...tokens, amount: '10', timesOutAt }),
    send: ({ ledger: { releaseHold } }) => releaseHold({ ...keyed('release'), holdId: 'hold 2' }),
    other: ({ ledger: { releaseHold } }) => releaseHold({ ...keyed('release'), holdId: 'hold' }),
  },
  {
    rpc: 'ReverseDebit',
    send: ({ ledger: { reverseDebit } }) =>
      reverseDebit({
        ...keyed('reverse'),
        usageSource: 'gateway',
        usageId: 'u1',
        amount: '4',
        reason: 'sorry',
      }),
    other: ({ ledger: { reverseDebit } }) =>
      reverseDebit({ ...keyed('reverse'), usageSource: 'gateway', usageId: 'u1', reason: 'sorry' }),
  },
  {
    rpc: 'ConfigureAutoTopUp',
    send: ({ ledger: { configureAutoTopUp } }) => configureAutoTopUp({ ...keyed('auto'), ...tokens, terms }),
    other: ({ ledger: { configureAutoTopUp } }) =>
      configureAutoTopUp({ ...keyed('auto'), ...tokens, terms: { ...terms, target: '9001' } }),
  },
  {
    rpc: 'ReportTopUpPayment',
    before: ({ ledger: { recordUsage } }) => recordUsage({ usage: usage('u2', '80000'), mode: 'METERED' }),
    send: ({ ledger: { reportTopUpPayment } }) =>
      reportTopUpPayment({
        ...keyed('payment'),
        ...tokens,
        requestId: 'auto-top-up/ai-tokens/1',
        outcome: 'SUCCEEDED',
        paymentReference: 'ch_1',
      }),
    other: ({ ledger: { reportTopUpPayment } }) =>
      reportTopUpPayment({
        ...keyed('payment'),
        ...tokens,
        requestId: 'auto-top-up/ai-tokens/1',
        outcome: 'FAILED',
        failureReason: 'declined',
      }),
  },
  {
    rpc: 'ChangeSubscription',
    send: ({ ledger: { changeSubscription } }) =>
      changeSubscription({ ...keyed('change'), subscriptionId: 'sub', planId: 'scale' }),
    other: ({ ledger: { changeSubscription } }) =>
      changeSubscription({ ...keyed('change'), subscriptionId: 'sub', planId: 'scale', when: 'PERIOD_END' }),
  },
  {
    rpc: 'CancelSubscription',
    send: ({ ledger: { cancelSubscription } }) =>
      cancelSubscription({ ...keyed('cancel'), subscriptionId: 'sub' }),
    other: ({ ledger: { cancelSubscription } }) =>
      cancelSubscription({ ...keyed('cancel'), subscriptionId: 'sub', when: 'PERIOD_END' }),
  },
];

const plan = (name: string) => ({
  planId: 'twice',
  terms: { name, timeZone: '', credits: [], features: [] },
});

/** Every command of the catalog; the same key belongs to one catalog, not to a customer. */
const CATALOG_COMMANDS: readonly Twice[] = [
  {
    rpc: 'DefineCreditSystem',
    send: ({ catalog }) => catalog.defineCreditSystem({ idempotencyKey: 'define', name: 'Storage Access' }),
    other: ({ catalog }) => catalog.defineCreditSystem({ idempotencyKey: 'define', name: 'Storage' }),
  },
  {
    rpc: 'RenameCreditSystem',
    send: ({ catalog }) =>
      catalog.renameCreditSystem({ idempotencyKey: 'rename', key: 'storage-access', name: 'Storage' }),
    other: ({ catalog }) =>
      catalog.renameCreditSystem({ idempotencyKey: 'rename', key: 'storage-access', name: 'Disk' }),
  },
  {
    rpc: 'DescribeCreditSystem',
    send: ({ catalog }) =>
      catalog.describeCreditSystem({
        idempotencyKey: 'describe',
        key: 'storage-access',
        description: '1 credit = 1 GB storage',
      }),
    other: ({ catalog }) =>
      catalog.describeCreditSystem({ idempotencyKey: 'describe', key: 'storage-access', description: '' }),
  },
  {
    rpc: 'ChangeLateUsageGrace',
    send: ({ catalog }) =>
      catalog.changeLateUsageGrace({ idempotencyKey: 'grace', key: 'storage-access', lateUsageGraceMs: 1 }),
    other: ({ catalog }) =>
      catalog.changeLateUsageGrace({ idempotencyKey: 'grace', key: 'storage-access', lateUsageGraceMs: 2 }),
  },
  {
    rpc: 'SavePlanDraft',
    send: ({ catalog }) => catalog.savePlanDraft({ idempotencyKey: 'draft', ...plan('Twice') }),
    other: ({ catalog }) => catalog.savePlanDraft({ idempotencyKey: 'draft', ...plan('Thrice') }),
  },
  {
    rpc: 'PublishPlan',
    send: ({ catalog }) => catalog.publishPlan({ idempotencyKey: 'publish', planId: 'twice' }),
    other: ({ catalog }) => catalog.publishPlan({ idempotencyKey: 'publish', planId: 'pro' }),
  },
];

/** A repeated answer says that it is one; everything else of it is the first answer. */
function repeated(name: string, answer: object): object {
  return name === 'RecordUsage' ? { ...answer, outcome: 'DUPLICATE' } : { ...answer, duplicate: true };
}

describe('a command sent twice', () => {
  const first = new Map<string, object>();

  it.each(COMMANDS)('$rpc gets the first answer again, and a conflict for other content', async (command) => {
    await command.before?.(ledger);
    const answer = await command.send(ledger);
    first.set(command.rpc, answer);
    expect(await command.send(ledger)).toEqual(repeated(command.rpc, answer));
    expect(await refusal(command.other(ledger))).toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'));
  });

  it.each(CATALOG_COMMANDS)(
    '$rpc gets the first answer again, and a conflict for other content',
    async (command) => {
      const answer = await command.send(ledger);
      first.set(command.rpc, answer);
      expect(await command.send(ledger)).toEqual(repeated(command.rpc, answer));
      expect(await refusal(command.other(ledger))).toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'));
    },
  );

  it('is remembered in another process as well, after everything else has happened, and changes nothing', async () => {
    const before = await ledger.wallets.listTransactions({ customerId, pageSize: 1000 });
    ledger = await ledger.restarted();
    for (const command of [...COMMANDS, ...CATALOG_COMMANDS]) {
      expect(await command.send(ledger)).toEqual(repeated(command.rpc, first.get(command.rpc) ?? {}));
      expect(await refusal(command.other(ledger))).toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'));
    }
    expect(await ledger.wallets.listTransactions({ customerId, pageSize: 1000 })).toEqual(before);
    expect(await ledger.audit.verifyAccount({ customerId })).toMatchObject({ clean: true });
  }, 90_000);

  it('covers every command that the service has', () => {
    const reads = ['RecordUsageStream', 'ListCreditSystems', 'GetPlan', 'ListPlans', 'QuotePurchase'];
    const known = [...COMMANDS, ...CATALOG_COMMANDS].map(({ rpc: name }) => name);
    expect(known.toSorted()).toEqual(
      [...ledger.methods('LedgerService'), ...ledger.methods('CatalogService')]
        .filter((name) => !reads.includes(name))
        .toSorted(),
    );
  });
});
