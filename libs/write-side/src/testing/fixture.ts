import { Amount, instant, plusMs, type IncludedCreditsDraft, type Instant, type RecordUsage } from '#domain';
import type { EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { ACCOUNT_STREAM_PREFIX, openRecorded, type JournaledEvent } from '#journal';
import { createLogger, createMetrics } from '#platform';
import { projectAccount } from '#projections';
import type { ReadStore } from '#read-store';
import { openMemoryReadStore } from '#read-store/testing';
import { UsageHorizon } from '../usage/usage-horizon.js';
import { createWriteSide, type WriteSide, type WriteSideOptions } from '../write-side.js';

/** A clock that stands still until it is told to move. */
export class ManualClock {
  constructor(private at: Instant = instant('2026-03-10T12:00:00Z')) {}

  now(): Instant {
    return this.at;
  }

  advance(ms: number): void {
    this.at = plusMs(this.at, ms);
  }
}

export interface Fixture {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly clock: ManualClock;
  /** Another process on the same stores: shares nothing else. */
  process(
    overrides?: Partial<
      Pick<WriteSideOptions, 'eventStore' | 'readStore' | 'logger' | 'queueLimits' | 'idsInMemory'>
    >,
  ): WriteSide;
  /** Brings a read store up to the end of the event store. */
  project(readStore?: ReadStore): Promise<void>;
}

/** A ledger on memory stores with a credit system `tokens` and a plan `basic`: 2 tokens a call, 100 a month. */
export async function ledgerFixture(): Promise<Fixture> {
  const eventStore = openMemoryEventStore();
  const readStore = openMemoryReadStore();
  const clock = new ManualClock();
  const process: Fixture['process'] = (overrides = {}) =>
    createWriteSide({
      eventStore: overrides.eventStore ?? eventStore,
      readStore: overrides.readStore ?? readStore,
      horizon: UsageHorizon.withoutStream(),
      clock,
      logger: overrides.logger ?? createLogger('silent', 'spec'),
      metrics: createMetrics(),
      accountCacheSize: 100,
      ...(overrides.queueLimits && { queueLimits: overrides.queueLimits }),
      ...(overrides.idsInMemory !== undefined && { idsInMemory: overrides.idsInMemory }),
    });
  await defineTokens(process());
  return {
    eventStore,
    readStore,
    clock,
    process,
    project: (into = readStore) => projectAll(eventStore, into),
  };
}

async function defineTokens(side: WriteSide): Promise<void> {
  await defineCreditSystem(side, 'tokens');
  await publishPlan(side, 'basic', {
    allowance: Amount.parse('100'),
    resetInterval: { unit: 'month', count: 1 },
  });
}

export async function defineCreditSystem({ catalogHandler }: WriteSide, key: string): Promise<void> {
  const keyed = { key: `define ${key}`, fingerprint: key };
  await catalogHandler.execute({ type: 'DefineCreditSystem', ...keyed, creditSystem: key, name: key });
}

/** Publishes a plan that includes tokens; a call costs 2 of them. */
export async function publishPlan(
  { catalogHandler }: WriteSide,
  planId: string,
  included: IncludedCreditsDraft,
): Promise<void> {
  const keyed = (key: string) => ({ key: `${key} ${planId}`, fingerprint: key, planId });
  await catalogHandler.execute({
    type: 'SavePlanDraft',
    ...keyed('draft'),
    draft: {
      name: `${planId.charAt(0).toUpperCase()}${planId.slice(1)}`,
      credits: [{ creditSystem: 'tokens', included }],
      features: [{ feature: 'call', creditSystem: 'tokens', creditCost: Amount.parse('2') }],
    },
  });
  await catalogHandler.execute({ type: 'PublishPlan', ...keyed('publish') });
}

/** Subscribes a customer to `basic`: 100 tokens at once. */
export async function subscribe(side: WriteSide, customerId: string): Promise<void> {
  const outcome = await side.ledger.execute(customerId, {
    type: 'StartSubscription',
    key: 'start',
    fingerprint: 'start',
    subscriptionId: 's1',
    planId: 'basic',
  });
  if (outcome.kind !== 'applied')
    throw new Error(`the subscription was not started: ${JSON.stringify(outcome)}`);
}

export function usageOf(
  id: string,
  quantity: string,
  at: Instant,
  mode: RecordUsage['mode'] = 'metered',
): RecordUsage {
  return {
    type: 'RecordUsage',
    source: 'spec',
    id,
    fingerprint: `${id} ${quantity}`,
    mode,
    feature: 'call',
    quantity: Amount.parse(quantity),
    time: at,
    dimensions: {},
  };
}

async function projectAll(eventStore: EventStore, readStore: ReadStore): Promise<void> {
  const projector = 'spec';
  const after = await readStore.checkpoint(projector);
  const recorded: JournaledEvent[] = [];
  const options = { streamPrefixes: [ACCOUNT_STREAM_PREFIX], ...(after !== undefined && { after }) };
  for await (const batch of eventStore.readAll(options)) recorded.push(...batch.map(openRecorded));
  const last = recorded.at(-1);
  if (!last) return;
  const customerIds = [...new Set(recorded.map((event) => event.customerId))];
  const rows = await readStore.accounts(customerIds);
  const changes = customerIds.map((customerId) =>
    projectAccount(
      customerId,
      rows.get(customerId),
      recorded.filter((event) => event.customerId === customerId),
    ),
  );
  await readStore.apply({ projector, after, checkpoint: last.position, changes });
}
