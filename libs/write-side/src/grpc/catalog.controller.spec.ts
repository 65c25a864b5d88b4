import { beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprintOf, toTimestamp, type rpc } from '#contracts';
import { instant, type Rejection } from '#domain';
import { AppendTooLarge } from '#event-store';
import { createMetrics, Refused, type Metrics } from '#platform';
import { ledgerFixture, type Fixture } from '../testing/fixture.js';
import { CatalogController } from './catalog.controller.js';

let fixture: Fixture;
let catalog: CatalogController;
let metrics: Metrics;

beforeEach(async () => {
  fixture = await ledgerFixture();
  metrics = createMetrics();
  catalog = controller();
});

/** The edge of one process; another one shares only the stores with it. */
function controller(): CatalogController {
  return new CatalogController(fixture.process(), fixture.clock, metrics);
}

function definition(fields: Partial<rpc.DefineCreditSystemRequest> = {}): rpc.DefineCreditSystemRequest {
  const { idempotencyKey = 'k', key = '', name = 'API Calls' } = fields;
  return { unitSingular: '', unitPlural: '', actor: '', ...fields, idempotencyKey, key, name };
}

function terms(fields: Partial<rpc.PlanTerms> = {}): rpc.PlanTerms {
  return { name: 'Pro', timeZone: '', credits: [credit()], features: [], ...fields };
}

function credit(fields: Partial<rpc.PlanCredit> = {}): rpc.PlanCredit {
  return {
    creditSystem: 'tokens',
    included: null,
    priced: null,
    onEmpty: 'BLOCK',
    lowCreditLimit: null,
    mandatoryPurchase: false,
    expiresAfter: '',
    minQuantity: '',
    maxQuantity: '',
    ...fields,
  };
}

/** Graduated 1–1000 at 0.3, 1001–5000 at 0.2, beyond at 0.1. */
function topUp(fields: Partial<rpc.PriceSchedule> = {}): rpc.PriceSchedule {
  return {
    kind: 'GRADUATED',
    currency: 'EUR',
    taxPercent: '',
    tiers: [perUnit('0', '1000', '0.3'), perUnit('1001', '5000', '0.2'), perUnit('5001', '', '0.1')],
    ...fields,
  };
}

function perUnit(firstUnit: string, lastUnit: string, unitPrice: string): rpc.PriceTier {
  const none = { packageSize: '', packagePrice: '', flatPrice: '', percent: '', flatFee: '' };
  return { model: 'PER_UNIT', firstUnit, lastUnit, unitPrice, ...none };
}

async function publish(
  planId: string,
  planTerms: rpc.PlanTerms,
  key = `${planId} 1`,
): Promise<rpc.PublishPlanResponse> {
  await catalog.savePlanDraft({ idempotencyKey: `${key} draft`, planId, terms: planTerms, actor: '' });
  return catalog.publishPlan({ idempotencyKey: key, planId, actor: '' });
}

async function refusal(call: Promise<unknown>): Promise<Rejection> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.rejection;
    throw error;
  }
  throw new Error('the call was not refused');
}

const pathsOf = ({ faults = [] }: Rejection) => faults.map(({ path }) => path);

describe('credit systems', () => {
  it('are defined with every default spelled out, and listed in the order of their definition', async () => {
    const { creditSystem, duplicate } = await catalog.defineCreditSystem(definition());
    expect(creditSystem).toEqual({
      key: 'api-calls',
      name: 'API Calls',
      description: '',
      unitSingular: 'credit',
      unitPlural: 'credits',
      scale: 6,
      lateUsageGraceMs: 3_600_000,
    });
    expect(duplicate).toBe(false);
    const { creditSystems } = await controller().listCreditSystems();
    expect(creditSystems.map(({ key }) => key)).toEqual(['tokens', 'api-calls']);
  });

  it('are listed in the order of their definition, also when keys look like numbers, and whatever changed since', async () => {
    for (const key of ['b', '10', '9', 'a']) {
      await catalog.defineCreditSystem(definition({ idempotencyKey: key, key, name: `Named ${key}` }));
    }
    await catalog.renameCreditSystem({ idempotencyKey: 'r', key: '10', name: 'Ten', actor: '' });
    const { creditSystems } = await controller().listCreditSystems();
    expect(creditSystems.map(({ key }) => key)).toEqual(['tokens', 'b', '10', '9', 'a']);
  });

  it('answer the same key with the same content as the first time, whatever changed since, from another process', async () => {
    const first = await catalog.defineCreditSystem(definition({ unitSingular: 'call', unitPlural: 'calls' }));
    await catalog.renameCreditSystem({ idempotencyKey: 'r', key: 'api-calls', name: 'Calls', actor: '' });
    const described = {
      key: 'api-calls',
      description: '1 credit = 1 call',
      unitSingular: '',
      unitPlural: '',
    };
    await catalog.describeCreditSystem({ idempotencyKey: 'd', ...described, actor: '' });
    const again = await controller().defineCreditSystem(
      definition({ unitSingular: 'call', unitPlural: 'calls', actor: 'somebody else' }),
    );
    expect(again).toEqual({ ...first, duplicate: true });
    expect((await catalog.listCreditSystems()).creditSystems[1]?.name).toBe('Calls');
  });

  it('refuse the same key with other content', async () => {
    await catalog.defineCreditSystem(definition());
    const { reason } = await refusal(catalog.defineCreditSystem(definition({ name: 'Other' })));
    expect(reason).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('keep their scale for ever', async () => {
    const { reason, numbers } = await refusal(
      catalog.defineCreditSystem(definition({ key: 'tokens', name: 'Tokens', scale: 2 })),
    );
    expect(reason).toBe('SCALE_IMMUTABLE');
    expect(numbers).toEqual({ scale: '6', asked: '2' });
  });

  it('are renamed, described and re-timed, each by a command of its own', async () => {
    await catalog.renameCreditSystem({ idempotencyKey: '1', key: 'tokens', name: 'Coins', actor: 'me' });
    const described = {
      key: 'tokens',
      description: 'Shiny',
      unitSingular: 'coin',
      unitPlural: 'coins',
      actor: '',
    };
    await catalog.describeCreditSystem({ idempotencyKey: '2', ...described });
    const { creditSystem } = await catalog.changeLateUsageGrace({
      idempotencyKey: '3',
      key: 'tokens',
      lateUsageGraceMs: 5,
      actor: '',
    });
    expect(creditSystem).toMatchObject({
      name: 'Coins',
      description: 'Shiny',
      unitPlural: 'coins',
      lateUsageGraceMs: 5,
    });
    const { creditSystem: undescribed } = await catalog.describeCreditSystem({
      ...described,
      idempotencyKey: '4',
      description: '',
      unitSingular: '',
      unitPlural: '',
    });
    expect(undescribed).toMatchObject({ description: '', unitPlural: 'coins' });
  });

  it('refuse half of the unit labels, unknown keys, and every wrong field by its name in the request', async () => {
    const labels = { key: 'tokens', unitSingular: 'coin', unitPlural: '', actor: '' };
    expect(pathsOf(await refusal(catalog.describeCreditSystem({ idempotencyKey: '1', ...labels })))).toEqual([
      'unit_plural',
    ]);
    const unknown = catalog.renameCreditSystem({ idempotencyKey: '2', key: 'gold', name: 'Gold', actor: '' });
    expect((await refusal(unknown)).reason).toBe('CREDIT_SYSTEM_UNKNOWN');
    const wrong = definition({ key: 'a b', unitSingular: ' x', scale: 13, lateUsageGraceMs: -1 });
    expect(pathsOf(await refusal(catalog.defineCreditSystem(wrong)))).toEqual([
      'key',
      'unit_singular',
      'scale',
      'late_usage_grace_ms',
    ]);
  });

  it('are told a grace that is far too long with all its digits', async () => {
    const message = 'must be whole milliseconds from 0 to a year, got about 4611686018427387904';
    const faults = [{ path: 'late_usage_grace_ms', message }];
    expect(
      (await refusal(catalog.defineCreditSystem(definition({ lateUsageGraceMs: 2 ** 62 })))).faults,
    ).toEqual(faults);
    const change = { idempotencyKey: 'g', key: 'tokens', lateUsageGraceMs: 2 ** 62, actor: '' };
    expect((await refusal(catalog.changeLateUsageGrace(change))).faults).toEqual(faults);
  });
});

describe('plans', () => {
  it('are saved as drafts with everything spelled out, and published as versions that stay', async () => {
    const saved = await catalog.savePlanDraft({
      idempotencyKey: 'd1',
      planId: 'pro',
      terms: terms(),
      actor: '',
    });
    expect(saved.draft).toMatchObject({ id: 'pro', version: 0, terms: { timeZone: 'UTC' } });
    expect((await refusal(catalog.getPlan({ planId: 'pro' }))).reason).toBe('PLAN_UNKNOWN');
    expect((await catalog.getPlan({ planId: 'pro', version: 0 })).plan).toEqual(saved.draft);

    await catalog.publishPlan({ idempotencyKey: 'p1', planId: 'pro', actor: '' });
    await publish('pro', terms({ name: 'Pro 2' }), '2');
    const { plan, versions } = await controller().getPlan({ planId: 'pro' });
    expect([plan?.version, plan?.terms?.name, versions]).toEqual([2, 'Pro 2', [1, 2]]);
    expect((await catalog.getPlan({ planId: 'pro', version: 1 })).plan?.terms?.name).toBe('Pro');
    expect((await refusal(catalog.getPlan({ planId: 'pro', version: 3 }))).reason).toBe('PLAN_UNKNOWN');
  });

  it('make no version of a draft that says what the latest version says', async () => {
    await publish('pro', terms());
    const { plan, duplicate } = await catalog.publishPlan({
      idempotencyKey: 'again',
      planId: 'pro',
      actor: '',
    });
    expect([plan?.version, duplicate]).toEqual([1, false]);
  });

  it('answer the same key as the first time, whatever has been saved and published since', async () => {
    const first = { idempotencyKey: 'd', planId: 'pro', terms: terms(), actor: '' };
    const saved = await catalog.savePlanDraft(first);
    const published = await catalog.publishPlan({ idempotencyKey: 'p', planId: 'pro', actor: '' });
    await publish('pro', terms({ name: 'Pro 2' }), '2');
    expect(await catalog.savePlanDraft(first)).toMatchObject({ draft: saved.draft, duplicate: true });
    expect(await catalog.publishPlan({ idempotencyKey: 'p', planId: 'pro', actor: 'x' })).toMatchObject({
      plan: published.plan,
      duplicate: true,
    });
  });

  it('are published as the draft that the caller has seen, or not at all', async () => {
    const save = (name: string) => ({
      idempotencyKey: name,
      planId: 'pro',
      terms: terms({ name }),
      actor: '',
    });
    const mine = await catalog.savePlanDraft(save('Mine'));
    const theirs = await controller().savePlanDraft(save('Theirs'));
    expect([mine.draftNumber, theirs.draftNumber]).toEqual([1, 2]);
    const publishing = { idempotencyKey: 'p', planId: 'pro', actor: '' };
    const refused = await refusal(catalog.publishPlan({ ...publishing, expectedDraftNumber: 1 }));
    expect(refused).toMatchObject({ reason: 'DRAFT_CHANGED', numbers: { expected: '1', found: '2' } });
    expect(await catalog.getPlan({ planId: 'pro', version: 0 })).toMatchObject({
      versions: [],
      draftNumber: 2,
    });

    const { plan } = await catalog.publishPlan({ ...publishing, expectedDraftNumber: 2 });
    expect(plan).toMatchObject({ version: 1, terms: { name: 'Theirs' } });
    expect(await catalog.getPlan({ planId: 'pro', version: 1 })).toMatchObject({ plan, draftNumber: 2 });
  });

  it('have their draft replaced as the caller has seen it, or not at all; 0 is the draft that is not there', async () => {
    const saving = (name: string, expectedDraftNumber?: number) =>
      catalog.savePlanDraft({
        idempotencyKey: `${name} ${expectedDraftNumber}`,
        planId: 'pro',
        terms: terms({ name }),
        actor: '',
        expectedDraftNumber,
      });
    expect((await saving('First', 0)).draftNumber).toBe(1);
    const refused = await refusal(saving('Second', 0));
    expect(refused).toMatchObject({ reason: 'DRAFT_CHANGED', numbers: { expected: '0', found: '1' } });
    expect((await saving('Second', 1)).draftNumber).toBe(2);
    // What says the same is no other draft.
    expect((await saving('Second', 2)).draftNumber).toBe(2);
  });

  it('answer the same key with the number that the draft had then, and take another expectation for other content', async () => {
    const saving = { idempotencyKey: 'd', planId: 'pro', terms: terms(), actor: '', expectedDraftNumber: 0 };
    const publishing = { idempotencyKey: 'p', planId: 'pro', actor: '', expectedDraftNumber: 1 };
    const saved = await catalog.savePlanDraft(saving);
    const published = await catalog.publishPlan(publishing);
    await publish('pro', terms({ name: 'Pro 2' }), '2');
    expect(await controller().savePlanDraft(saving)).toEqual({ ...saved, duplicate: true });
    expect(await controller().publishPlan(publishing)).toEqual({ ...published, duplicate: true });
    for (const expectedDraftNumber of [undefined, 2]) {
      const reused = [
        await refusal(catalog.savePlanDraft({ ...saving, expectedDraftNumber })),
        await refusal(catalog.publishPlan({ ...publishing, expectedDraftNumber })),
      ];
      expect(reused.map(({ reason }) => reason)).toEqual([
        'IDEMPOTENCY_KEY_REUSED',
        'IDEMPOTENCY_KEY_REUSED',
      ]);
    }
  });

  it('answer what was published before a draft could be expected', async () => {
    await catalog.savePlanDraft({ idempotencyKey: 'd', planId: 'pro', terms: terms(), actor: '' });
    const content = { type: 'PublishPlan' as const, planId: 'pro' };
    const stored = { ...content, key: 'p', fingerprint: fingerprintOf(content) };
    await fixture.process().catalogHandler.execute(stored);
    const again = await catalog.publishPlan({ idempotencyKey: 'p', planId: 'pro', actor: '' });
    expect(again).toMatchObject({ plan: { version: 1 }, duplicate: true });
  });

  it('are listed by id, with what waits in their drafts', async () => {
    await publish('pro', terms());
    await catalog.savePlanDraft({
      idempotencyKey: 'n',
      planId: 'pro',
      terms: terms({ name: 'New' }),
      actor: '',
    });
    await catalog.savePlanDraft({
      idempotencyKey: 'a',
      planId: 'air',
      terms: terms({ name: 'Air' }),
      actor: '',
    });
    expect((await catalog.listPlans()).plans).toEqual([
      { id: 'air', name: 'Air', latestVersion: 0, draftDiffers: true },
      { id: 'basic', name: 'Basic', latestVersion: 1, draftDiffers: false },
      { id: 'pro', name: 'Pro', latestVersion: 1, draftDiffers: true },
    ]);
  });

  it('refuse a contradictory draft with every fault by its path in the request', async () => {
    const contradictory = terms({
      credits: [credit({ mandatoryPurchase: true, minQuantity: '5', maxQuantity: '1' }), credit()],
      features: [{ feature: 'chat', creditSystem: 'gold', creditCost: '1' }],
    });
    const refused = await refusal(
      catalog.savePlanDraft({ idempotencyKey: 'd', planId: 'pro', terms: contradictory, actor: '' }),
    );
    expect(refused.reason).toBe('PLAN_INVALID');
    expect(pathsOf(refused)).toEqual([
      'terms.credits[0].mandatory_purchase',
      'terms.credits[0].min_quantity',
      'terms.credits[1].credit_system',
      'terms.features[0].credit_system',
    ]);
  });
});

describe('a plan that is large', () => {
  const full = (schedules: number): rpc.PlanTerms => {
    const digits = '999999999999999999';
    const priced = {
      commitment: 'UPFRONT' as const,
      topUp: topUp({
        tiers: Array.from({ length: 100 }, (_, index) =>
          perUnit(String(index), index === 99 ? '' : String(index + 1), `${digits}.${digits.slice(0, 12)}`),
        ),
      }),
      recurring: null,
    };
    const credits = Array.from({ length: schedules }, (_, index) =>
      credit({ creditSystem: `c${index}`, priced }),
    );
    return terms({ credits });
  };
  const save = (planId: string, planTerms: rpc.PlanTerms) =>
    catalog.savePlanDraft({ idempotencyKey: planId, planId, terms: planTerms, actor: '' });

  it('is published when it takes all that a plan may take, and refused by its size beyond', async () => {
    for (let index = 0; index < 100; index++) {
      await catalog.defineCreditSystem(definition({ idempotencyKey: `c${index}`, name: `C${index}` }));
    }
    await save('large', full(85));
    const actor = '界'.repeat(256);
    await catalog.publishPlan({ idempotencyKey: '"'.repeat(256), planId: 'large', actor });
    const { reason, faults } = await refusal(save('larger', full(86)));
    expect(reason).toBe('PLAN_INVALID');
    expect(faults).toEqual([
      {
        path: 'terms.credits',
        message: expect.stringMatching(
          /^too many tiers and features together: the plan takes \d+ bytes of at most 1000000$/,
        ),
      },
    ]);
    expect((await catalog.listPlans()).plans.map(({ id }) => id)).toEqual(['basic', 'large']);
  });

  it('is refused by a store that takes less', async () => {
    const append: Fixture['eventStore']['append'] = (stream) =>
      Promise.reject(new AppendTooLarge(stream, 900, 500));
    const small = fixture.process({ eventStore: { ...fixture.eventStore, append } });
    catalog = new CatalogController(small, fixture.clock, metrics);
    const refused = await refusal(save('pro', terms()));
    expect(refused.reason).toBe('COMMAND_MALFORMED');
    expect(refused.message).toContain('900 bytes');
    expect(refused.message).toContain('500 bytes');
  });
});

describe('a quote', () => {
  const sold = (fields: Partial<rpc.PlanCredit> = {}) =>
    credit({ priced: { commitment: 'UPFRONT', topUp: topUp(), recurring: null }, ...fields });

  function question(fields: Partial<rpc.QuotePurchaseRequest> = {}): rpc.QuotePurchaseRequest {
    return { planId: 'pro', creditSystem: 'tokens', quantity: '6000', recurring: false, at: null, ...fields };
  }

  it('explains itself tier by tier', async () => {
    await publish('pro', terms({ credits: [sold()] }));
    const { plan, quantity, price } = await catalog.quotePurchase(question());
    expect([plan, quantity]).toEqual([{ id: 'pro', version: 1 }, '6000']);
    expect(price).toEqual({
      currency: 'EUR',
      subtotal: '1200',
      tax: '0',
      total: '1200',
      lines: [
        { description: 'over 0 to 1000: 1000 × 0.3', quantity: '1000', amount: '300' },
        { description: 'over 1000 to 5000: 4000 × 0.2', quantity: '4000', amount: '800' },
        { description: 'over 5000: 1000 × 0.1', quantity: '1000', amount: '100' },
      ],
    });
  });

  it('is of the version asked for, with tax', async () => {
    await publish('pro', terms({ credits: [sold()] }));
    const volume = topUp({ kind: 'VOLUME', taxPercent: '19' });
    await publish(
      'pro',
      terms({ credits: [sold({ priced: { commitment: 'UPFRONT', topUp: volume, recurring: null } })] }),
      '2',
    );
    expect((await catalog.quotePurchase(question())).price).toMatchObject({
      subtotal: '600',
      tax: '114',
      total: '714',
    });
    expect((await catalog.quotePurchase(question({ planVersion: 1 }))).price?.total).toBe('1200');
  });

  it('tells when credits bought then would expire, by the calendar of the plan', async () => {
    await publish('pro', terms({ timeZone: 'Europe/Berlin', credits: [sold({ expiresAfter: 'P1M' })] }));
    const at = toTimestamp(instant('2026-10-10T10:00:00Z'));
    const { expiresAt } = await catalog.quotePurchase(question({ at }));
    // Over the end of summer time: 12:00 in Berlin both times.
    expect(expiresAt).toEqual(toTimestamp(instant('2026-11-10T11:00:00Z')));
  });

  it('keeps to the limits of a purchase and tells the numbers', async () => {
    await publish('pro', terms({ credits: [sold({ minQuantity: '10', maxQuantity: '6000' })] }));
    const { reason, numbers } = await refusal(catalog.quotePurchase(question({ quantity: '9.5' })));
    expect(reason).toBe('QUANTITY_OUT_OF_RANGE');
    expect(numbers).toEqual({ quantity: '9.5', minimum: '10', maximum: '6000' });
    expect((await refusal(catalog.quotePurchase(question({ quantity: '6000.1' })))).reason).toBe(
      'QUANTITY_OUT_OF_RANGE',
    );
    expect((await catalog.quotePurchase(question({ quantity: '10' }))).price?.total).toBe('3');
  });

  it('prices a recurring pack by its own schedule', async () => {
    const schedule = topUp({ tiers: [perUnit('0', '', '0.25')] });
    const recurring = { quantity: '100', billingInterval: { unit: 'MONTH', count: 1 }, schedule } as const;
    await publish(
      'pro',
      terms({ credits: [credit({ priced: { commitment: 'UPFRONT', topUp: null, recurring } })] }),
    );
    expect((await catalog.quotePurchase(question({ quantity: '100', recurring: true }))).price?.total).toBe(
      '25',
    );
    expect((await refusal(catalog.quotePurchase(question()))).reason).toBe('NOT_FOR_SALE');
  });

  it('refuses what is unknown, not for sale, not a quantity or beyond any price', async () => {
    await publish('pro', terms({ credits: [sold()] }));
    const reasonOf = async (fields: Partial<rpc.QuotePurchaseRequest>) =>
      (await refusal(catalog.quotePurchase(question(fields)))).reason;
    expect(await reasonOf({ planId: 'none' })).toBe('PLAN_UNKNOWN');
    expect(await reasonOf({ planVersion: 7 })).toBe('PLAN_UNKNOWN');
    expect(await reasonOf({ creditSystem: 'gold' })).toBe('CREDIT_SYSTEM_UNKNOWN');
    expect(await reasonOf({ planId: 'basic' })).toBe('NOT_FOR_SALE');
    expect(pathsOf(await refusal(catalog.quotePurchase(question({ quantity: '0' }))))).toEqual(['quantity']);
    expect(pathsOf(await refusal(catalog.quotePurchase(question({ quantity: '1e3' }))))).toEqual([
      'quantity',
    ]);
    await publish(
      'dear',
      terms({
        credits: [
          sold({
            priced: {
              commitment: 'UPFRONT',
              topUp: topUp({ tiers: [perUnit('0', '', '999')] }),
              recurring: null,
            },
          }),
        ],
      }),
    );
    const beyond = question({ planId: 'dear', quantity: '999999999999999999' });
    expect(pathsOf(await refusal(catalog.quotePurchase(beyond)))).toEqual(['quantity']);
  });

  it('names the time of a purchase whose credits would expire beyond the calendar', async () => {
    await publish('pro', terms({ credits: [sold({ expiresAfter: 'P1Y' })] }));
    const at = toTimestamp(instant('9999-06-01T00:00:00Z'));
    expect(pathsOf(await refusal(catalog.quotePurchase(question({ at }))))).toEqual(['at']);
  });
});

it('every refused command is counted by its reason, whoever refuses it', async () => {
  await catalog.defineCreditSystem(definition());
  const answers = await Promise.allSettled([
    catalog.defineCreditSystem(definition({ idempotencyKey: '' })),
    catalog.defineCreditSystem(definition({ idempotencyKey: 'k2', key: 'api-calls', name: 'Other' })),
    publish('', terms()),
    publish('pro', terms({ credits: [credit({ creditSystem: 'nothing' })] })),
    catalog.publishPlan({ idempotencyKey: 'k3', planId: 'nothing', actor: '' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));
  const { values } = await metrics.refusals.get();
  expect(Object.fromEntries(values.map(({ labels, value }) => [labels.reason, value]))).toEqual({
    COMMAND_MALFORMED: 1,
    CREDIT_SYSTEM_KEY_TAKEN: 1,
    PLAN_INVALID: 2,
    PLAN_UNKNOWN: 1,
  });
});
