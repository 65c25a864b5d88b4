import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { rpc } from '#contracts';
import { runCatalog } from '../../apps/catalog/src/cli.js';
import { startClockedLedger } from '../support/clocked-ledger.js';
import {
  at,
  drafted,
  refusal,
  refusedWith,
  time,
  type LedgerClient,
  type PlanTermsOf,
} from '../support/ledger-client.js';
import { EXAMPLES, startLedger, type RunningLedger } from '../support/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startLedger();
}, 120_000);
afterAll(() => ledger.stop());

let keys = 0;
const keyed = () => ({ idempotencyKey: `key ${++keys}` });

const saveDraft = (
  planId: string,
  terms: PlanTermsOf,
  rest: object = {},
): Promise<rpc.SavePlanDraftResponse> =>
  ledger.catalog.savePlanDraft({ ...keyed(), planId, ...drafted(terms), ...rest });

const systemOf = async (key: string): Promise<rpc.CreditSystem | undefined> =>
  (await ledger.catalog.listCreditSystems({})).creditSystems.find((system) => system.key === key);

describe('a credit system', () => {
  it('has a key, a name, a description, unit labels and a scale, as it was defined', async () => {
    expect(await systemOf('compute-hours')).toEqual({
      key: 'compute-hours',
      name: 'Compute Hours',
      description: '1 credit = 1 hour of one standard core.',
      unitSingular: 'core hour',
      unitPlural: 'core hours',
      scale: 4,
      lateUsageGraceMs: 2 * 3_600_000,
    });
  });

  it('needs nothing but a name', async () => {
    const { creditSystem } = await ledger.catalog.defineCreditSystem({ ...keyed(), name: 'Storage Access' });
    expect(creditSystem).toEqual({
      key: 'storage-access',
      name: 'Storage Access',
      description: '',
      unitSingular: 'credit',
      unitPlural: 'credits',
      scale: 6,
      lateUsageGraceMs: 3_600_000,
    });
  });

  it('is renamed, described and labelled later, and stays what plans and wallets refer to', async () => {
    await ledger.catalog.defineCreditSystem({ ...keyed(), key: 'gb', name: 'Gigabytes' });
    const customer = ledger.customer();
    await customer.grant('gb', '5');
    await ledger.catalog.renameCreditSystem({ ...keyed(), key: 'gb', name: 'Storage' });
    await ledger.catalog.describeCreditSystem({
      ...keyed(),
      key: 'gb',
      description: '1 credit = 1 GB storage',
      unitSingular: 'GB',
      unitPlural: 'GB',
    });
    expect(await systemOf('gb')).toMatchObject({
      name: 'Storage',
      description: '1 credit = 1 GB storage',
      unitSingular: 'GB',
      scale: 6,
    });
    expect(await customer.available('gb')).toBe('5');
  });

  it('keeps its key for ever and its name while it has it; the scale never changes', async () => {
    await ledger.catalog.defineCreditSystem({ ...keyed(), key: 'first', name: 'Seconds' });
    await ledger.catalog.renameCreditSystem({ ...keyed(), key: 'first', name: 'Minutes' });
    // The name is free again, the key is not.
    await ledger.catalog.defineCreditSystem({ ...keyed(), key: 'second', name: 'Seconds' });
    const define = (key: string, name: string, rest: object = {}) =>
      refusal(ledger.catalog.defineCreditSystem({ ...keyed(), key, name, ...rest }));
    expect(await define('first', 'Hours')).toEqual(refusedWith('CREDIT_SYSTEM_KEY_TAKEN'));
    expect(await define('third', 'minutes')).toEqual(refusedWith('CREDIT_SYSTEM_NAME_TAKEN'));
    expect(await define('first', 'Minutes', { scale: 2 })).toEqual(
      refusedWith('SCALE_IMMUTABLE', { scale: '6', asked: '2' }),
    );
    expect(
      await refusal(ledger.catalog.renameCreditSystem({ ...keyed(), key: 'first', name: 'Seconds' })),
    ).toEqual(refusedWith('CREDIT_SYSTEM_NAME_TAKEN'));
    expect(await refusal(ledger.catalog.renameCreditSystem({ ...keyed(), key: 'none', name: 'N' }))).toEqual(
      refusedWith('CREDIT_SYSTEM_UNKNOWN'),
    );
  });

  it('that makes no sense is refused with every fault at once', async () => {
    const senseless = { key: 'a b', name: ' ', scale: 13, unitSingular: '\u0007', lateUsageGraceMs: -1 };
    expect(await refusal(ledger.catalog.defineCreditSystem({ ...keyed(), ...senseless }))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'CREDIT_SYSTEM_INVALID',
      fields: expect.arrayContaining(['key', 'name', 'scale', 'unit_singular', 'late_usage_grace_ms']),
    });
  });
});

describe('a plan', () => {
  it('is a draft until it is published, and then a version that never changes', async () => {
    const name = (version: number) => ledger.catalog.getPlan({ planId: 'evolving', version });
    await saveDraft('evolving', { name: 'First' });
    const customer = ledger.customer();
    expect(await refusal(customer.start('evolving'))).toEqual(refusedWith('PLAN_UNKNOWN'));
    expect(await refusal(ledger.catalog.getPlan({ planId: 'evolving' }))).toEqual(
      refusedWith('PLAN_UNKNOWN'),
    );

    const publish = () => ledger.catalog.publishPlan({ ...keyed(), planId: 'evolving' });
    const { plan: first } = await publish();
    expect(first).toMatchObject({ version: 1, terms: { name: 'First', timeZone: 'UTC' } });
    await saveDraft('evolving', { name: 'Second' });
    expect(await name(0)).toMatchObject({ plan: { version: 0, terms: { name: 'Second' } }, versions: [1] });
    expect((await publish()).plan?.version).toBe(2);
    // Published again with nothing new, it makes no version.
    expect((await publish()).plan?.version).toBe(2);
    expect(await name(1)).toEqual({ plan: first, versions: [1, 2], draftNumber: 2 });
    const { plans } = await ledger.catalog.listPlans({});
    expect(plans.find(({ id }) => id === 'evolving')).toEqual({
      id: 'evolving',
      name: 'Second',
      latestVersion: 2,
      draftDiffers: false,
    });
    expect((await customer.start('evolving')).plan).toEqual({ id: 'evolving', version: 2 });
  });

  it('is published as the draft that was seen, or not at all', async () => {
    const planId = 'contested';
    const publish = (expectedDraftNumber: number) =>
      ledger.catalog.publishPlan({ ...keyed(), planId, expectedDraftNumber });
    const mine = await saveDraft(planId, { name: 'Mine' }, { expectedDraftNumber: 0 });
    const theirs = await saveDraft(planId, { name: 'Theirs' });
    const refused = refusedWith('DRAFT_CHANGED', { expected: '1', found: '2' });
    expect(await refusal(publish(mine.draftNumber))).toEqual(refused);
    expect(await refusal(saveDraft(planId, { name: 'Mine' }, { expectedDraftNumber: 1 }))).toEqual(refused);
    const { versions, draftNumber } = await ledger.catalog.getPlan({ planId, version: 0 });
    expect([versions, draftNumber]).toEqual([[], theirs.draftNumber]);
    expect((await publish(draftNumber)).plan).toMatchObject({ version: 1, terms: { name: 'Theirs' } });
  });

  it('attaches several credit systems, each included, priced or both, as the example file says', async () => {
    const { plan } = await ledger.catalog.getPlan({ planId: 'compute-team' });
    expect(plan?.terms).toMatchObject({
      timeZone: 'Europe/Berlin',
      credits: [
        {
          creditSystem: 'compute-hours',
          included: {
            allowance: '100',
            resetInterval: { unit: 'WEEK', count: 2 },
            rollover: { cap: '', periods: 2 },
          },
          priced: {
            commitment: 'UPFRONT',
            recurring: { quantity: '500', billingInterval: { unit: 'MONTH', count: 1 } },
            topUp: { kind: 'GRADUATED', currency: 'EUR', taxPercent: '19' },
          },
          expiresAfter: 'P6M',
          minQuantity: '0.5',
          lowCreditLimit: { threshold: '20', action: 'ALERT' },
          onEmpty: 'BLOCK',
        },
        {
          creditSystem: 'egress',
          priced: { commitment: 'PAY_AS_YOU_GO', recurring: null },
          onEmpty: 'PAY_AS_YOU_GO',
        },
      ],
    });
    expect(plan?.terms?.features).toContainEqual({
      feature: 'gpu-hour',
      creditSystem: 'compute-hours',
      creditCost: '38.5',
      prepaid: true,
    });
  });

  it('that contradicts itself is refused with every fault named at once, by path', async () => {
    const schedule = (tiers: readonly object[]) => ({ kind: 'GRADUATED', currency: 'EUR', tiers });
    const perUnit = { model: 'PER_UNIT', unitPrice: '1' };
    const contradictions = {
      name: 'Contradictory',
      timeZone: 'Europe/Atlantis',
      credits: [
        {
          creditSystem: 'ai-tokens',
          included: { allowance: '0', resetInterval: { unit: 'MONTH', count: 0 }, rollover: { periods: 0 } },
          priced: {
            commitment: 'PAY_AS_YOU_GO',
            topUp: schedule([
              { firstUnit: '0', lastUnit: '10', ...perUnit },
              { firstUnit: '20', lastUnit: '30', ...perUnit },
            ]),
            recurring: {
              quantity: '5',
              billingInterval: { unit: 'MONTH', count: 1 },
              schedule: schedule([{ firstUnit: '0', ...perUnit }]),
            },
          },
          onEmpty: 'BLOCK',
          minQuantity: '10',
          maxQuantity: '5',
          expiresAfter: '3 months',
        },
        { creditSystem: 'unheard-of', mandatoryPurchase: true },
        { creditSystem: 'ai-tokens' },
      ],
      features: [
        { feature: 'chat', creditSystem: 'ai-tokens', creditCost: '1' },
        { feature: 'chat', creditSystem: 'egress', creditCost: '1' },
      ],
    } as PlanTermsOf;
    const refused = await refusal(saveDraft('contradictory', contradictions));
    expect(refused).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'PLAN_INVALID' });
    expect(refused.fields.toSorted()).toEqual([
      'terms.credits[0].expires_after',
      'terms.credits[0].included.allowance',
      'terms.credits[0].included.reset_interval',
      'terms.credits[0].included.rollover.periods',
      'terms.credits[0].min_quantity',
      'terms.credits[0].on_empty',
      'terms.credits[0].priced.recurring',
      'terms.credits[0].priced.top_up.tiers[1].first_unit',
      'terms.credits[0].priced.top_up.tiers[1].last_unit',
      'terms.credits[1].credit_system',
      'terms.credits[1].mandatory_purchase',
      'terms.credits[2].credit_system',
      'terms.features[1].credit_system',
      'terms.features[1].feature',
      'terms.time_zone',
    ]);
    expect(await refusal(ledger.catalog.getPlan({ planId: 'contradictory', version: 0 }))).toEqual(
      refusedWith('PLAN_UNKNOWN'),
    );
  });
});

describe('QuotePurchase', () => {
  const quote = (planId: string, creditSystem: string, quantity: string, rest: object = {}) =>
    ledger.catalog.quotePurchase({ planId, creditSystem, quantity, ...rest });

  it.each([
    // Each tier its own share: 1,000 × 0.012 + 4,000 × 0.01 + 1,000 × 0.008, and 8.5 %.
    ['pro', 'ai-tokens', '6000', ['USD', '60', '5.1', '65.1'], ['12', '40', '8']],
    ['pro', 'ai-tokens', '1000', ['USD', '12', '1.02', '13.02'], ['12']],
    // The tier of the whole quantity prices all of it.
    ['scale', 'ai-tokens', '100000', ['USD', '900', '0', '900'], ['900']],
    ['scale', 'ai-tokens', '100001', ['USD', '700.01', '0', '700.01'], ['700.007', '0.003']],
    // Packages once begun are charged whole, with a fee beside them; whole yen.
    ['api-business', 'api-calls', '25001', ['JPY', '4800', '480', '5280'], ['4500', '300']],
    // 10 packages and the fee, 1 package of 50,000.
    ['api-business', 'api-calls', '100001', ['JPY', '21300', '2130', '23430'], ['15000', '300', '6000']],
    // Everything beyond a million for one flat price: 15,000 + 300 + 18 × 6,000 + 100,000.
    [
      'api-business',
      'api-calls',
      '2000000',
      ['JPY', '223300', '22330', '245630'],
      ['15000', '300', '108000', '100000'],
    ],
    // Percentages: 5 % of 1,000 and 4.2 % of 500.
    ['compute-team', 'compute-hours', '1500', ['EUR', '71', '13.49', '84.49'], ['50', '21']],
    // Three decimals of a dinar.
    ['seats-prepaid', 'seat-credits', '13', ['KWD', '42.125', '0', '42.125'], ['40.625', '1.5']],
  ])('prices %s: %s × %s tier by tier', async (planId, creditSystem, quantity, totals, lines) => {
    const { price, plan } = await quote(planId, creditSystem, quantity);
    expect(plan).toEqual({ id: planId, version: 1 });
    expect([price?.currency, price?.subtotal, price?.tax, price?.total]).toEqual(totals);
    expect(price?.lines.map(({ amount }) => amount)).toEqual(lines);
  });

  it('prices a pack by its own schedule, and says when the credits would expire', async () => {
    const at29February = time('2096-02-29');
    const pack = await quote('seats-annual', 'seat-credits', '60', { recurring: true, at: at29February });
    // 50 × 9.5 + 10 × 8.75, and 20 %.
    expect(pack.price).toMatchObject({ currency: 'GBP', subtotal: '562.5', tax: '112.5', total: '675' });
    expect(at(pack.expiresAt)).toBe('2097-02-28T00:00:00.000Z');
    const topUp = await quote('seats-annual', 'seat-credits', '60', { at: at29February });
    expect(topUp.price).toMatchObject({ subtotal: '594', total: '712.8' });
  });

  it('prices a fraction, and what costs nothing', async () => {
    expect((await quote('compute-team', 'compute-hours', '0.5')).price).toMatchObject({ subtotal: '0.03' });
  });

  it('says why it has no price', async () => {
    expect(await refusal(quote('pro', 'ai-tokens', '499'))).toEqual(
      refusedWith('QUANTITY_OUT_OF_RANGE', { quantity: '499', minimum: '500', maximum: '1000000' }),
    );
    expect(await refusal(quote('free', 'ai-tokens', '1'))).toEqual(refusedWith('NOT_FOR_SALE'));
    expect(await refusal(quote('pro', 'ai-tokens', '500', { recurring: true }))).toEqual(
      refusedWith('NOT_FOR_SALE'),
    );
    expect(await refusal(quote('none', 'ai-tokens', '500'))).toEqual(refusedWith('PLAN_UNKNOWN'));
    expect(await refusal(quote('pro', 'ai-tokens', '500', { planVersion: 2 }))).toEqual(
      refusedWith('PLAN_UNKNOWN'),
    );
    expect(await refusal(quote('pro', 'none', '500'))).toEqual(refusedWith('CREDIT_SYSTEM_UNKNOWN'));
    expect(await refusal(quote('pro', 'ai-tokens', '-1'))).toMatchObject({ fields: ['quantity'] });
  });

  it('is what the purchase then costs', async () => {
    const customer = ledger.customer();
    await customer.start('api-business');
    for (const quantity of ['10000', '123456', '1000001']) {
      const { price } = await quote('api-business', 'api-calls', quantity);
      expect((await customer.buy('api-calls', quantity)).price).toEqual(price);
    }
  });
});

describe('plan files', () => {
  const run = async (client: LedgerClient, ...args: readonly string[]) => {
    let [out, err] = ['', ''];
    const status = await runCatalog([...args, '--address', client.address], {
      environment: {},
      out: (text) => (out += text),
      err: (text) => (err += text),
    });
    return { status, out, err };
  };

  it.each(EXAMPLES)('%s, applied already, finds nothing to do and differs in nothing', async (file) => {
    for (const command of ['apply', 'diff']) {
      const { status, out, err } = await run(ledger, command, file);
      expect([status, err]).toEqual([0, '']);
      expect(out).toContain('nothing to change');
    }
  });

  it('exported from one ledger make the same plans in another, and the same file again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'purser-export-'));
    const other = await startClockedLedger();
    const source = await startClockedLedger();
    try {
      await source.applyPlans(...EXAMPLES);
      const file = join(folder, 'plans.yaml');
      expect(await run(source, 'export', '--output', file)).toMatchObject({ status: 0 });
      expect(await run(other, 'apply', file)).toMatchObject({ status: 0, err: '' });
      expect(await run(source, 'diff', file)).toMatchObject({ status: 0 });
      const again = join(folder, 'again.yaml');
      await run(other, 'export', '--output', again);
      expect(await readFile(again, 'utf8')).toBe(await readFile(file, 'utf8'));

      const everything = async ({ catalog }: LedgerClient) => {
        const { plans } = await catalog.listPlans({});
        const drafts = await Promise.all(plans.map(({ id }) => catalog.getPlan({ planId: id, version: 0 })));
        return [plans, drafts, await catalog.listCreditSystems({})];
      };
      expect(await everything(other)).toEqual(await everything(source));
    } finally {
      await Promise.all([other.stop(), source.stop(), rm(folder, { recursive: true, force: true })]);
    }
  }, 60_000);
});
