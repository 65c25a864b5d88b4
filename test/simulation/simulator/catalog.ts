import {
  Amount,
  decideCatalog,
  evolveCatalog,
  initialCatalog,
  instantFromMs,
  type Catalog,
  type CatalogCommand,
  type CatalogEvent,
  type PlanCreditDraft,
  type PlanDraft,
  type ResetInterval,
} from '#domain';
import type { PlainCatalog } from '../model/index.js';
import type { Random } from './random.js';

/** A catalog out of a seed, for both sides: as the ledger folds it and as the model reads it. */
export interface Scenery {
  readonly catalog: Catalog;
  readonly plain: PlainCatalog;
  readonly events: readonly CatalogEvent[];
  readonly planIds: readonly string[];
}

export const CREDIT_SYSTEMS = ['tokens', 'gpu'] as const;
/** By credit system; a feature never moves to another one, so that it is plain which horizon its usage has. */
export const FEATURES = { tokens: ['call', 'image'], gpu: ['compute'] } as const;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];

export interface SceneryOptions {
  /** Late usage is waited for at least so long. Default 10 minutes. */
  readonly leastGraceMs?: number;
}

export function makeScenery(random: Random, { leastGraceMs = 10 * MINUTE }: SceneryOptions = {}): Scenery {
  const events: CatalogEvent[] = [];
  let catalog = initialCatalog;
  const send = (command: CatalogCommand) => {
    const decision = decideCatalog(catalog, command, { now: instantFromMs(Date.UTC(2025, 0, 1)) });
    if (decision.kind === 'rejected')
      throw new Error(`the simulator's own catalog is refused: ${decision.message}`);
    if (decision.kind !== 'decided') return;
    events.push(...decision.events);
    catalog = decision.events.reduce(evolveCatalog, catalog);
  };
  const key = () => ({ key: `catalog-${events.length}`, fingerprint: `${events.length}` });
  const grace = (most: number) => Math.max(leastGraceMs, random.between(0, most / MINUTE) * MINUTE);
  send({
    type: 'DefineCreditSystem',
    ...key(),
    creditSystem: 'tokens',
    name: 'Tokens',
    lateUsageGraceMs: grace(2 * HOUR),
  });
  send({
    type: 'DefineCreditSystem',
    ...key(),
    creditSystem: 'gpu',
    name: 'GPU',
    scale: 2,
    lateUsageGraceMs: grace(HOUR),
  });
  const planIds = ['free', 'pro', 'team'];
  for (const planId of planIds) {
    for (let version = random.between(1, 2); version > 0; version -= 1) {
      send({ type: 'SavePlanDraft', ...key(), planId, draft: makePlan(random) });
      send({ type: 'PublishPlan', ...key(), planId });
    }
  }
  return { catalog, plain: plainCatalog(catalog), events, planIds };
}

/** What the model reads: texts alone, through JSON. */
function plainCatalog({ creditSystems, plans }: Catalog): PlainCatalog {
  const published = Object.entries(plans).map(([id, { versions }]) => [id, versions] as const);
  return JSON.parse(JSON.stringify({ creditSystems, plans: Object.fromEntries(published) })) as PlainCatalog;
}

function makePlan(random: Random): PlanDraft {
  const systems = CREDIT_SYSTEMS.filter((system) => system === 'tokens' || random.oneIn(2));
  return {
    name: 'Plan',
    timeZone: random.pick(ZONES),
    credits: systems.map((creditSystem) => makeCredit(random, creditSystem)),
    features: systems.flatMap((creditSystem) =>
      FEATURES[creditSystem]
        .filter(() => !random.oneIn(6))
        .map((feature) => ({
          feature,
          creditSystem,
          creditCost: Amount.parse(random.pick(['1', '0.5', '0.333333', '2', '0'])),
          prepaid: !random.oneIn(10),
        })),
    ),
  };
}

function makeCredit(random: Random, creditSystem: string): PlanCreditDraft {
  const priced = random.oneIn(3) ? null : makePriced(random);
  return {
    creditSystem,
    included: random.oneIn(6) ? null : makeIncluded(random),
    priced,
    onEmpty: random.pick(['block', 'payAsYouGo']),
    lowCreditLimit: random.oneIn(2)
      ? null
      : { threshold: Amount.parse(random.pick(['5', '20'])), action: random.pick(['alert', 'restrict']) },
    mandatoryPurchase: priced !== null && random.oneIn(6),
    expiresAfter: random.pick([null, 'P1D', 'P1M', 'PT36H', 'P3M']),
    minQuantity: random.oneIn(4) ? Amount.parse('5') : null,
    maxQuantity: random.oneIn(4) ? Amount.parse('40') : null,
  };
}

function makeIncluded(random: Random): NonNullable<PlanCreditDraft['included']> {
  return {
    allowance: Amount.parse(random.pick(['10', '25', '50', '0.5'])),
    resetInterval: makeInterval(random),
    rollover: random.oneIn(2)
      ? null
      : {
          cap: random.pick([null, Amount.parse('3'), Amount.parse('10')]),
          periods: random.between(1, 3),
        },
    priority: random.pick([50, 50, 50, 10]),
  };
}

function makePriced(random: Random): NonNullable<PlanCreditDraft['priced']> {
  const schedule = {
    kind: 'graduated',
    currency: 'USD',
    tiers: [{ firstUnit: Amount.zero, lastUnit: null, model: 'perUnit', unitPrice: Amount.parse('0.1') }],
  } as const;
  const recurring = random.oneIn(3);
  return {
    commitment: 'upfront',
    topUp: recurring && random.oneIn(2) ? null : schedule,
    recurring: recurring
      ? { quantity: Amount.parse('15'), billingInterval: makeInterval(random), schedule }
      : null,
    priority: random.pick([50, 50, 60]),
  };
}

function makeInterval(random: Random): ResetInterval {
  return random.pick<ResetInterval>([
    { unit: 'hour', count: 12 },
    { unit: 'day', count: 1 },
    { unit: 'day', count: 3 },
    { unit: 'week', count: 1 },
    { unit: 'month', count: 1 },
    { unit: 'month', count: 1 },
    { unit: 'year', count: 1 },
  ]);
}
