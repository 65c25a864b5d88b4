import { toTimestamp, type rpc } from '#contracts';
import { instantFromMs, type Instant } from '#domain';
import { seeded, type Random } from '../support/random.js';

/** One usage event as a producer means it. */
export interface DayUsage {
  readonly customerId: string;
  readonly source: string;
  readonly id: string;
  readonly feature: string;
  /** Decimal string, units of the feature. */
  readonly quantity: string;
  readonly time: Instant;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What must become of a delivery, by the rules. */
export type Expected = 'counted' | 'duplicate' | 'refused' | 'not-metered';

export interface UsageDelivery {
  readonly expected: Expected;
  readonly usage: DayUsage;
}

/** One message as it goes out; `bytes` where it is no usage event at all. */
export type Delivery =
  UsageDelivery | { readonly expected: 'refused'; readonly customerId: string; readonly bytes: Buffer };

export interface DayOptions {
  readonly seed: number;
  readonly customers: number;
  /** Deliveries that count, before duplicates and hostile ones are mixed in. */
  readonly usages: number;
  /** The end of the day. */
  readonly until: Instant;
  /** Names the run, so that two runs on one ledger do not share ids. */
  readonly run: string;
}

export interface Day {
  readonly customers: readonly string[];
  /** In the order in which they go out. */
  readonly deliveries: readonly Delivery[];
}

const DAY_MS = 86_400_000;
const LATE_MS = 6 * 3_600_000;

/** Features of examples/ai-tokens.yaml, how often each is used, and what a single use looks like. */
const FEATURES = [
  {
    feature: 'chat-completion',
    weight: 70,
    quantity: (r: Random) => String(200 + r.below(4_000)),
    models: ['s', 'm', 'xl'],
  },
  {
    feature: 'embedding',
    weight: 18,
    quantity: (r: Random) => String(1_000 + r.below(50_000)),
    models: ['e1'],
  },
  {
    feature: 'image-generation',
    weight: 8,
    quantity: (r: Random) => String(1 + r.below(4)),
    models: ['photo', 'sketch'],
  },
  {
    feature: 'transcription',
    weight: 4,
    quantity: (r: Random) => `${r.below(40)}.${1 + r.below(9)}`,
    models: ['w'],
  },
] as const;
const WEIGHTS = FEATURES.reduce((sum, { weight }) => sum + weight, 0);

/**
 * A day of usage of an AI product: a few customers use most of it, some events come hours late, some twice, some
 * are not metered in credits at all, and some are hostile. Every delivery says what must become of it.
 */
export function dayOfUsage(options: DayOptions): Day {
  const random = seeded(options.seed);
  const customers = Array.from(
    { length: options.customers },
    (_, n) => `${options.run}-cust-${String(n).padStart(4, '0')}`,
  );
  const untilMs = Date.parse(options.until);
  const due: { readonly at: number; readonly delivery: Delivery }[] = [];
  for (let n = 0; n < options.usages; n++) {
    const usage = someUsage(random, options, customers, n, untilMs);
    const happened = Date.parse(usage.time);
    const late = random.next() < 0.03 ? random.below(LATE_MS) : random.below(2_000);
    const expected = usage.feature === 'playground' ? 'not-metered' : 'counted';
    due.push({ at: happened + late, delivery: { expected, usage } });
    // A producer that got no answer sends again, later.
    if (expected === 'counted' && random.next() < 0.04) {
      due.push({
        at: happened + late + 1 + random.below(LATE_MS),
        delivery: { expected: 'duplicate', usage },
      });
    }
    if (random.next() < 0.01) {
      due.push({
        at: happened + late + 1 + random.below(60_000),
        delivery: hostile(random, usage, options.run, n),
      });
    }
  }
  due.sort((a, b) => a.at - b.at);
  return { customers, deliveries: due.map(({ delivery }) => delivery) };
}

function someUsage(
  random: Random,
  { run, usages }: DayOptions,
  customers: readonly string[],
  n: number,
  untilMs: number,
): DayUsage {
  // Squared: the first customers use far more than the last.
  const customerId = customers[Math.floor(random.next() ** 2 * customers.length)] ?? '';
  const { feature, quantity, models } = byWeight(random.below(WEIGHTS));
  const atMs = untilMs - DAY_MS + Math.floor((n / usages) * (DAY_MS - 60_000));
  return {
    customerId,
    source: random.pick(['api-gateway-eu', 'api-gateway-us', 'batch-runner']),
    id: `${run}-${n}`,
    feature: random.next() < 0.01 ? 'playground' : feature,
    quantity: quantity(random),
    time: instantFromMs(atMs),
    dimensions: { model: random.pick(models) },
  };
}

function byWeight(at: number): (typeof FEATURES)[number] {
  let left = at;
  for (const feature of FEATURES) {
    left -= feature.weight;
    if (left < 0) return feature;
  }
  return FEATURES[0];
}

function hostile(random: Random, usage: DayUsage, run: string, n: number): Delivery {
  const { customerId } = usage;
  const refused = (changes: Partial<DayUsage>): Delivery => ({
    expected: 'refused',
    usage: { ...usage, id: `${run}-hostile-${n}`, ...changes },
  });
  switch (random.below(7)) {
    case 0:
      return refused({ quantity: '-5' });
    case 1:
      return refused({ quantity: '1e9' });
    case 2:
      return refused({ customerId: `${run}-nobody-${n}` });
    case 3:
      return refused({ time: instantFromMs(Date.parse(usage.time) + 30 * DAY_MS) });
    case 4:
      // The id of a usage event that counted, with other content.
      return usage.feature === 'playground'
        ? refused({ quantity: 'NaN' })
        : refused({ id: usage.id, quantity: `${usage.quantity}1` });
    case 5:
      return { expected: 'refused', customerId, bytes: Buffer.from('{"specversion":"1.0","id":') };
    default:
      return { expected: 'refused', customerId, bytes: Buffer.from([0xff, 0xfe, 0x00, 0x01]) };
  }
}

/** The CloudEvent of a usage event, structured JSON mode. */
export function cloudEvent({
  customerId,
  source,
  id,
  feature,
  quantity,
  time,
  dimensions,
}: DayUsage): Buffer {
  return Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id,
      source,
      type: 'usage.recorded',
      subject: customerId,
      time,
      data: { feature, quantity, dimensions },
    }),
  );
}

/** The usage event as gRPC takes it. */
export function usageMessage(usage: DayUsage): rpc.UsageEvent {
  return { ...usage, time: toTimestamp(usage.time), dimensions: { ...usage.dimensions } };
}
