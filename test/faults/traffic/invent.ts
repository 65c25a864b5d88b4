import { instantFromMs } from '#domain';
import { cloudEvent, type DayUsage } from '../../demo/day.js';
import type { Random } from '../../support/random.js';

/** One thing that a producer does. */
export type Deed =
  | { readonly kind: 'metered'; readonly usage: DayUsage; readonly ways: readonly ('kafka' | 'grpc')[] }
  | { readonly kind: 'synchronous'; readonly usage: DayUsage }
  | { readonly kind: 'not-metered'; readonly usage: DayUsage; readonly ways: readonly ('kafka' | 'grpc')[] }
  | { readonly kind: 'refused'; readonly customerId: string; readonly value: Buffer }
  | {
      readonly kind: 'grant';
      readonly customerId: string;
      readonly amount: string;
      /** Until it expires; undefined: it does not. */
      readonly lifeMs: number | undefined;
    };

export interface InventOptions {
  readonly run: string;
  readonly customers: readonly string[];
  /** False: no synchronous debits (their refusal may be overtaken by an attempt that sleeps somewhere). */
  readonly synchronous: boolean;
  /** A usage event that is on its way over Kafka: what follows it there may use its id with other content. */
  readonly earlier: DayUsage | undefined;
}

const LATE_MS = 20 * 60_000;

const FEATURES = [
  { feature: 'call', quantity: (r: Random) => String(1 + r.below(5)) },
  { feature: 'call', quantity: (r: Random) => String(1 + r.below(5)) },
  { feature: 'token', quantity: (r: Random) => `${r.below(9_000)}.${1 + r.below(9)}` },
  { feature: 'image', quantity: (r: Random) => String(1 + r.below(2)) },
] as const;

/** What a producer does next; half of it for one customer. */
export function invent(random: Random, n: number, options: InventOptions): Deed {
  const { run, customers } = options;
  const customerId = random.next() < 0.5 ? (customers[0] ?? '') : random.pick(customers);
  const kind = random.next();
  const { feature, quantity } = random.pick(FEATURES);
  const usage: DayUsage = {
    customerId,
    source: random.pick(['gateway', 'batch']),
    id: `${run}-${n}`,
    feature,
    quantity: quantity(random),
    time: instantFromMs(Date.now() - (random.next() < 0.1 ? random.below(LATE_MS) : 0)),
    dimensions: { region: random.pick(['eu', 'us']) },
  };
  if (kind < 0.5) return { kind: 'metered', usage, ways: ['kafka'] };
  if (kind < 0.68) return { kind: 'metered', usage, ways: ['grpc'] };
  if (kind < 0.76) return { kind: 'metered', usage, ways: ['kafka', 'grpc'] };
  if (kind < 0.8) return { kind: 'metered', usage, ways: ['kafka', 'kafka'] };
  if (kind < 0.9) {
    return options.synchronous
      ? { kind: 'synchronous', usage }
      : { kind: 'metered', usage, ways: ['grpc', 'kafka', 'grpc'] };
  }
  if (kind < 0.93) {
    return { kind: 'not-metered', usage: { ...usage, feature: 'playground' }, ways: ['kafka'] };
  }
  if (kind < 0.96) {
    const lifeMs = random.next() < 0.4 ? 1_000 + random.below(4_000) : undefined;
    return { kind: 'grant', customerId, amount: `${20 + random.below(80)}.25`, lifeMs };
  }
  return { kind: 'refused', ...refused(random, usage, options.earlier) };
}

/** Every value is another one, so that each can be found again among the dead letters. */
function refused(
  random: Random,
  usage: DayUsage,
  earlier: DayUsage | undefined,
): { customerId: string; value: Buffer } {
  const { customerId } = usage;
  switch (random.below(earlier ? 5 : 4)) {
    case 4: {
      const reused = earlier ?? usage;
      const dimensions = { ...reused.dimensions, again: usage.id };
      return { customerId: reused.customerId, value: cloudEvent({ ...reused, dimensions }) };
    }
    case 0:
      return { customerId, value: cloudEvent({ ...usage, quantity: '-1' }) };
    case 1: {
      const nobody = `nobody-${usage.id}`;
      return { customerId: nobody, value: cloudEvent({ ...usage, customerId: nobody }) };
    }
    case 2:
      return { customerId, value: Buffer.from(`{"specversion":"1.0","id":"${usage.id}",`) };
    default:
      return { customerId, value: Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(usage.id)]) };
  }
}
