import { describe, expect, it } from '@jest/globals';
import {
  decideCatalog,
  evolveCatalog,
  findCreditSystem,
  findPlan,
  initialCatalog,
  instant,
  type Catalog,
  type CatalogCommand,
} from '#domain';
import { planFileCommands } from './plan-file-commands.js';
import { readPlanFile, type PlanFile } from './read-plan-file.js';
import { writePlanFile } from './write-plan-file.js';

/** As YAML would parse it; everything a plan can say. */
const EVERYTHING = {
  creditSystems: [
    {
      name: 'AI Tokens',
      unitLabels: { singular: 'token', plural: 'tokens' },
      description: '1 token = 1 picture',
    },
    { key: 'gpu', name: 'GPU hours', scale: 3, lateUsageGrace: 'PT90M' },
  ],
  plans: [
    {
      id: 'pro',
      name: 'Pro',
      timeZone: 'Europe/Berlin',
      credits: [
        {
          creditSystem: 'ai-tokens',
          included: {
            allowance: 500,
            resetInterval: 'month',
            rollover: { cap: '100.5', periods: 2 },
            priority: 40,
          },
          priced: {
            commitment: 'upfront',
            topUp: {
              kind: 'graduated',
              currency: 'EUR',
              taxPercent: 19,
              tiers: [
                { firstUnit: 0, lastUnit: 1000, model: 'perUnit', unitPrice: '0.3' },
                {
                  firstUnit: 1001,
                  lastUnit: 5000,
                  model: 'perPackage',
                  packageSize: 10,
                  packagePrice: '1.5',
                },
                { firstUnit: 5001, lastUnit: 9000, model: 'flat', flatPrice: 100 },
                { firstUnit: 9001, model: 'percentage', percent: '12.5', flatFee: '0.99' },
              ],
            },
            recurring: {
              quantity: 1000,
              billingInterval: { unit: 'week', count: 2 },
              schedule: {
                kind: 'volume',
                currency: 'JPY',
                tiers: [{ firstUnit: 0, model: 'perUnit', unitPrice: 2 }],
              },
            },
          },
          lowCreditLimit: { threshold: 50, action: 'restrict' },
          mandatoryPurchase: true,
          expiresAfter: 'P3M',
          minQuantity: 10,
          maxQuantity: '100000',
        },
        {
          creditSystem: 'gpu',
          onEmpty: 'payAsYouGo',
          priced: {
            commitment: 'payAsYouGo',
            topUp: {
              kind: 'volume',
              currency: 'EUR',
              tiers: [{ firstUnit: 0, model: 'perUnit', unitPrice: 2 }],
            },
          },
        },
      ],
      features: [
        { feature: 'image-generation', creditSystem: 'ai-tokens', creditCost: '0.5' },
        { feature: 'gpu-hour', creditSystem: 'gpu', creditCost: 1, prepaid: false },
      ],
    },
    { id: 'draft-only', name: 'Not yet', publish: false },
  ],
};

function read(parsed: unknown): PlanFile {
  const reading = readPlanFile(parsed);
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults));
  return reading.ok;
}

function faults(parsed: unknown): readonly string[] {
  const reading = readPlanFile(parsed);
  return 'faults' in reading ? reading.faults.map(({ path, message }) => `${path}: ${message}`) : [];
}

function execute(catalog: Catalog, commands: readonly CatalogCommand[]): Catalog {
  return commands.reduce((state, command) => {
    const decision = decideCatalog(state, command, { now: instant('2026-11-22T10:00:00Z') });
    if (decision.kind === 'rejected') throw new Error(decision.message);
    return decision.kind === 'decided' ? decision.events.reduce(evolveCatalog, state) : state;
  }, catalog);
}

const apply = (catalog: Catalog, parsed: unknown, run = 'run') =>
  execute(catalog, planFileCommands(read(parsed), catalog, run));

/** The plan with one thing changed. */
function plan(change: object) {
  return { creditSystems: EVERYTHING.creditSystems, plans: [{ ...EVERYTHING.plans[0], ...change }] };
}

describe('a plan file', () => {
  it('becomes commands that define every credit system, save every draft and publish every plan', () => {
    const commands = planFileCommands(read(EVERYTHING), initialCatalog, 'run-1', 'ops');
    expect(commands.map(({ type, key, actor }) => [type, key, actor])).toEqual([
      ['DefineCreditSystem', 'run-1/0', 'ops'],
      ['DefineCreditSystem', 'run-1/1', 'ops'],
      ['SavePlanDraft', 'run-1/2', 'ops'],
      ['PublishPlan', 'run-1/3', 'ops'],
      ['SavePlanDraft', 'run-1/4', 'ops'],
    ]);
    const catalog = execute(initialCatalog, commands);
    expect(findCreditSystem(catalog, 'ai-tokens')?.unitLabels.plural).toBe('tokens');
    expect(findCreditSystem(catalog, 'gpu')?.lateUsageGraceMs).toBe(5_400_000);
    const included = findPlan(catalog, 'pro')?.credits[0]?.included;
    expect(included?.allowance.toString()).toBe('500');
    expect(included?.rollover?.cap?.toString()).toBe('100.5');
    expect(included?.resetInterval).toEqual({ unit: 'month', count: 1 });
    expect(findPlan(catalog, 'draft-only')).toBeUndefined();
  });

  it('changes nothing when it is applied again', () => {
    const catalog = apply(initialCatalog, EVERYTHING);
    expect(planFileCommands(read(EVERYTHING), catalog, 'run-2')).toEqual([]);
  });

  it('is written back as it was understood', () => {
    const catalog = apply(initialCatalog, EVERYTHING);
    const written = writePlanFile(catalog);
    expect(planFileCommands(read(written), catalog, 'run-2')).toEqual([]);
    expect(writePlanFile(apply(initialCatalog, written))).toEqual(written);
    expect(JSON.parse(JSON.stringify(written))).toEqual(written);
  });

  it('renames, describes and changes the grace of what is there', () => {
    const catalog = apply(initialCatalog, EVERYTHING);
    const changed = {
      creditSystems: [{ key: 'gpu', name: 'GPU', description: 'hours', lateUsageGrace: 1500 }],
    };
    const commands = planFileCommands(read(changed), catalog, 'run-2');
    expect(commands.map(({ type }) => type)).toEqual([
      'RenameCreditSystem',
      'DescribeCreditSystem',
      'ChangeLateUsageGrace',
    ]);
    const after = execute(catalog, commands);
    expect(findCreditSystem(after, 'gpu')).toMatchObject({
      name: 'GPU',
      description: 'hours',
      lateUsageGraceMs: 1500,
      scale: 3,
    });
    expect(planFileCommands(read(writePlanFile(after)), after, 'run-3')).toEqual([]);
  });

  it('takes an empty description for none', () => {
    const empty = { creditSystems: [{ key: 'gpu', name: 'GPU', description: '' }] };
    const catalog = apply(initialCatalog, empty);
    expect(planFileCommands(read(empty), catalog, 'run-2')).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['moved on to another one', { a: 'Beta', b: 'Gamma', c: 'Delta' }],
    ['moved on to one that is new', { d: 'alpha', a: 'Epsilon' }],
    ['exchanged', { a: 'Beta', b: 'Alpha' }],
    ['handed round, with one more that is new', { c: 'Alpha', d: 'Delta', a: 'Beta', b: 'Gamma' }],
  ])('may have names that are %s', (_, names) => {
    const file = (named: Record<string, string>) => ({
      creditSystems: Object.entries(named).map(([key, name]) => ({ key, name })),
    });
    const catalog = apply(initialCatalog, file({ a: 'Alpha', b: 'Beta', c: 'Gamma' }));
    const after = apply(catalog, file(names), 'run-2');
    const are = Object.keys(names).map((key) => [key, findCreditSystem(after, key)?.name]);
    expect(Object.fromEntries(are)).toEqual(names);
    expect(planFileCommands(read(file(names)), after, 'run-3')).toEqual([]);
  });

  it('keeps the order of its credit systems where no name moves on', () => {
    const catalog = apply(initialCatalog, EVERYTHING);
    const creditSystems = [
      { key: 'new', name: 'New' },
      { key: 'gpu', name: 'GPU' },
      { key: 'newer', name: 'Newer' },
    ];
    const commands = planFileCommands(read({ creditSystems }), catalog, 'run-2');
    const keys = commands.map((command) => 'creditSystem' in command && command.creditSystem);
    expect([...new Set(keys)]).toEqual(['new', 'gpu', 'newer']);
  });

  it('leaves it to the domain to refuse another scale', () => {
    const catalog = apply(initialCatalog, EVERYTHING);
    expect(() =>
      apply(catalog, { creditSystems: [{ key: 'gpu', name: 'GPU hours', scale: 4 }] }, 'run-2'),
    ).toThrow('gpu');
  });

  it('publishes a new version of a plan that changed, and goes back to an older one as a newer version', () => {
    const one = apply(initialCatalog, EVERYTHING, 'run-1');
    const two = apply(one, plan({ name: 'Pro 2' }), 'run-2');
    const three = apply(two, plan({}), 'run-3');
    expect([one, two, three].map((catalog) => findPlan(catalog, 'pro')?.version)).toEqual([1, 2, 3]);
    expect(findPlan(three, 'pro')?.name).toBe('Pro');
  });

  it('is told every fault of it, however many there are', () => {
    const plans = Array.from({ length: 50 }, (_, index) => ({ id: `p${index}` }));
    expect(faults({ plans })).toEqual(plans.map((_, index) => `plans[${index}].name: is missing`));
  });

  it('may be empty', () => {
    expect(read({})).toEqual({ creditSystems: [], plans: [] });
  });

  it.each([
    ['nothing at all', null, ['.: Invalid input: expected object, received null, got null']],
    ['a list', [], ['.: Invalid input: expected object, received array, got a list']],
    ['an unknown member', { plan: [] }, ['plan: is not known here, got a list']],
    ['no name', { creditSystems: [{ key: 'a' }] }, ['creditSystems[0].name: is missing']],
    [
      'a key that stands twice',
      {
        creditSystems: [{ name: 'A b' }, { key: 'a-b', name: 'Other' }],
        plans: [
          { id: 'p', name: 'P' },
          { id: 'p', name: 'P' },
        ],
      },
      [
        'creditSystems[1].key: "a-b" stands at creditSystems[0] already',
        'plans[1].id: "p" stands at plans[0] already',
      ],
    ],
    [
      'an unquoted fraction',
      plan({ features: [{ feature: 'f', creditSystem: 'gpu', creditCost: 0.5 }] }),
      ['plans[0].features[0].creditCost: a decimal fraction must be quoted, as in "0.5", got 0.5'],
    ],
    [
      'an amount that is none',
      plan({ features: [{ feature: 'f', creditSystem: 'gpu', creditCost: '1e3' }] }),
      [
        'plans[0].features[0].creditCost: must be a plain decimal, at most 18 digits before the point and 12 after, got "1e3"',
      ],
    ],
    [
      'an interval that is none',
      plan({
        credits: [
          { creditSystem: 'gpu', included: { allowance: 1, resetInterval: { unit: 'month', count: 0 } } },
        ],
      }),
      [
        'plans[0].credits[0].included.resetInterval: must be a positive whole multiple of hour, day, week, month or year, got an object',
      ],
    ],
    [
      'a duration that is none',
      plan({ credits: [{ creditSystem: 'gpu', expiresAfter: '3 months' }] }),
      [
        'plans[0].credits[0].expiresAfter: must be an ISO 8601 duration of whole components, as in P3M, got "3 months"',
      ],
    ],
    [
      'a grace in months',
      { creditSystems: [{ name: 'A', lateUsageGrace: 'P1M' }] },
      [
        'creditSystems[0].lateUsageGrace: must be an ISO 8601 duration of hours, minutes and seconds, as in PT1H, got "P1M"',
      ],
    ],
    [
      'a tier of no model',
      plan({
        credits: [
          {
            creditSystem: 'gpu',
            priced: { topUp: { kind: 'volume', currency: 'EUR', tiers: [{ firstUnit: 0, model: 'magic' }] } },
          },
        ],
      }),
      [
        'plans[0].credits[0].priced.topUp.tiers[0].model: must be a tier with model perUnit, perPackage, flat or percentage, got "magic"',
      ],
    ],
  ])('is refused with what is wrong by path: %s', (_name, parsed, expected) => {
    expect(faults(parsed)).toEqual(expected);
  });

  it('is refused with every fault at once', () => {
    expect(
      faults({
        creditSystems: [{ name: 3, scale: 0.5 }],
        plans: [{ id: '', name: 'P', credits: [{ creditSystem: 'a', onEmpty: 'stop', minQuantity: true }] }],
      }).map((line) => line.split(':', 1)[0]),
    ).toEqual([
      'creditSystems[0].name',
      'creditSystems[0].scale',
      'plans[0].id',
      'plans[0].credits[0].onEmpty',
      'plans[0].credits[0].minQuantity',
    ]);
  });
});
