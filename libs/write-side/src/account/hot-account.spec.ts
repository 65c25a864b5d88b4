import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '#event-store';
import { ledgerFixture, subscribe, usageOf, type Fixture } from '../testing/fixture.js';
import type { WriteSide } from '../write-side.js';
import { AccountQueueFull, LedgerQueueFull } from './outcome.js';

const HOT = 'hot';
const OTHERS = Array.from({ length: 200 }, (_, index) => `cust-${index}`);
/** Half of all usage. */
const HOT_USAGES = 20_000;
const USAGES_EACH = HOT_USAGES / OTHERS.length;

describe('a hot account', () => {
  let fixture: Fixture;
  let side: WriteSide;
  /** Appends to the hot account, and commands of it that have their outcome. */
  let hotAppends: number;
  let hotDone: number;

  beforeEach(async () => {
    fixture = await ledgerFixture();
    hotAppends = 0;
    hotDone = 0;
    side = fixture.process({ eventStore: slowStore() });
    for (const customer of [HOT, ...OTHERS]) await subscribe(side, customer);
    hotAppends = 0;
  }, 60_000);

  function slowStore(): EventStore {
    const { eventStore } = fixture;
    return {
      ...eventStore,
      append: async (stream, expected, events) => {
        if (stream === `account-${HOT}`) hotAppends += 1;
        // As long as a commit to a disk or an answer over a network takes.
        await delay(5);
        return eventStore.append(stream, expected, events);
      },
    };
  }

  function useHot(count: number): Promise<unknown>[] {
    const now = fixture.clock.now();
    return Array.from({ length: count }, (_, index) =>
      side.ledger.execute(HOT, usageOf(`h${index}`, '0.001', now)).then((outcome) => {
        hotDone += 1;
        return outcome;
      }),
    );
  }

  it('with half of all usage keeps the others waiting for a few of its appends, not for all of them', async () => {
    const now = fixture.clock.now();
    const hot = useHot(HOT_USAGES);
    const appendsBetween: number[] = [];
    const others = OTHERS.flatMap((customer) =>
      Array.from({ length: USAGES_EACH }, async (_, index) => {
        const before = hotAppends;
        await side.ledger.execute(customer, usageOf(`${customer} ${index}`, '0.001', now));
        appendsBetween.push(hotAppends - before);
      }),
    );
    await Promise.all(others);
    const hotWhenOthersWereDone = hotDone;
    await Promise.all(hot);
    expect(hotAppends).toBeGreaterThanOrEqual(HOT_USAGES / 1_000);
    // An account's own usage needs two rounds at most; the hot one may get in a few appends meanwhile.
    expect(Math.max(...appendsBetween)).toBeLessThanOrEqual(hotAppends / 4);
    expect(hotWhenOthersWereDone).toBeLessThan(HOT_USAGES / 2);
  }, 60_000);

  it('finds its queue full at last, and nobody else does', async () => {
    side = fixture.process({ eventStore: slowStore(), queueLimits: { account: 3_000, total: 1_000_000 } });
    const waiting = useHot(5_000);
    const refused = errorsOf(waiting);
    const outcome = await side.ledger.execute('cust-1', usageOf('u', '1', fixture.clock.now()));
    expect(outcome.kind).toBe('applied');
    await Promise.allSettled(waiting);
    expect(refused).toHaveLength(2_000);
    expect(refused.every((error) => error instanceof AccountQueueFull)).toBe(true);
    expect(hotDone).toBe(3_000);
    expect((await side.ledger.execute(HOT, usageOf('u', '1', fixture.clock.now()))).kind).toBe('applied');
  }, 60_000);

  it('and all others together find that the process takes no more than it can remember, until there is room', async () => {
    side = fixture.process({ eventStore: slowStore(), queueLimits: { account: 1_000, total: 2_000 } });
    const now = fixture.clock.now();
    const waiting = OTHERS.flatMap((customer) =>
      Array.from({ length: 15 }, (_, index) => side.ledger.execute(customer, usageOf(`${index}`, '1', now))),
    );
    const refused = errorsOf(waiting);
    await Promise.allSettled(waiting);
    expect(refused).toHaveLength(1_000);
    expect(refused.every((error) => error instanceof LedgerQueueFull)).toBe(true);
    expect((await side.ledger.execute('cust-199', usageOf('0', '1', now))).kind).toBe('applied');
  }, 60_000);
});

function errorsOf(waiting: readonly Promise<unknown>[]): unknown[] {
  const errors: unknown[] = [];
  for (const one of waiting) one.catch((error: unknown) => errors.push(error));
  return errors;
}
