import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount } from '../../amount/index.js';
import { plusMs, type Instant } from '../../time/index.js';
import type { AccountCommand, RecordUsage } from '../index.js';
import { everyKind, usageHistory, type Deed } from '../testing/histories.js';
import { TestAccount } from '../testing/test-account.js';

const HOUR = 3_600_000;
const START = '2026-03-27T10:00:00Z';

interface Timed {
  readonly now: Instant;
  readonly command: AccountCommand;
}

/**
 * Everybody's clock is right here, and commands arrive on the full hour while usage happens on the half hour:
 * a clock that is wrong by a few seconds may find a grant a few seconds early, which is not what is asked here.
 */
function timeline(history: readonly Deed[]): readonly Timed[] {
  const account = new TestAccount(everyKind, START);
  const steps = history.map(({ afterHours, make }, index) => {
    account.now = plusMs(account.now, afterHours * HOUR);
    const command = make(account, index);
    if (command.type !== 'RecordUsage') return { now: account.now, command };
    const time = plusMs(account.now, HOUR / 2);
    return { now: time, command: { ...command, time } };
  });
  return inOrder(steps);
}

function inOrder<T extends Timed>(steps: readonly T[]): readonly T[] {
  return steps.toSorted((a, b) => (a.now < b.now ? -1 : a.now > b.now ? 1 : 0));
}

function live(account: TestAccount, steps: readonly Timed[], until: Instant): void {
  for (const { now, command } of steps) account.at(now).send(command);
  account.at(until).send({ type: 'Settle' });
}

/** The consumer is away from `from` to `to`: usage of that time waits, and everybody else goes on. */
function throughOutage(steps: readonly Timed[], from: Instant, to: Instant, until: Instant): TestAccount {
  const account = new TestAccount(everyKind, START);
  const waiting: RecordUsage[] = [];
  const catchUp = () => {
    account.at(to);
    // While it catches up, usage has been consumed to where it has come and no further.
    for (const command of waiting.splice(0)) {
      account.consumedThrough = command.time;
      account.send(command);
    }
    account.consumedThrough = undefined;
  };
  for (const { now, command } of steps) {
    if (now > to && waiting.length > 0) catchUp();
    if (now > from && now <= to) {
      account.consumedThrough = from;
      if (command.type === 'RecordUsage') waiting.push(command);
      else account.at(now).send(command);
    } else {
      account.consumedThrough = undefined;
      account.at(now).send(command);
    }
  }
  if (waiting.length > 0) catchUp();
  account.consumedThrough = undefined;
  account.at(until).send({ type: 'Settle' });
  return account;
}

/** Balances, and where the credits of every grant went; what rolled over counts with where it came from. */
function outcome(account: TestAccount): unknown {
  return Object.fromEntries(
    Object.entries(account.state.wallets).map(([key, { balance, uncovered }]) => {
      const fates = new Map<string, Record<'available' | 'consumed' | 'expired', Amount>>();
      for (const { grantId, available, consumed, expired, origin } of account.grants(key).values()) {
        const id = origin.kind === 'rollover' ? origin.fromGrantId : grantId;
        const sum = fates.get(id) ?? { available: Amount.zero, consumed: Amount.zero, expired: Amount.zero };
        fates.set(id, {
          available: sum.available.plus(available),
          consumed: sum.consumed.plus(consumed),
          expired: sum.expired.plus(expired),
        });
      }
      return [key, { balance, uncovered, fates: Object.fromEntries(fates) }];
    }),
  );
}

describe('an outage', () => {
  it('changes no balance: usage is debited from the credits of its own time, however late it is consumed', () => {
    fc.assert(
      fc.property(
        usageHistory,
        fc.nat({ max: 300 }),
        fc.integer({ min: 1, max: 400 }),
        (history, fromHours, hours) => {
          const steps = timeline(history);
          const last = steps.at(-1)?.now ?? (START as Instant);
          const from = plusMs(steps[0]?.now ?? last, fromHours * HOUR + 1);
          const to = plusMs(from, hours * HOUR);
          const until = plusMs(last > to ? last : to, 2 * HOUR);
          const onTime = new TestAccount(everyKind, START);
          live(onTime, steps, until);
          expect(outcome(throughOutage(steps, from, to, until))).toEqual(outcome(onTime));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('of the scheduler changes nothing either: it may wake an account late, or at any moment before', () => {
    fc.assert(
      fc.property(usageHistory, fc.array(fc.nat({ max: 600 }), { maxLength: 20 }), (history, wakes) => {
        const steps = timeline(history);
        const last = steps.at(-1)?.now ?? (START as Instant);
        const until = plusMs(last, 100 * HOUR);
        const asleep = new TestAccount(everyKind, START);
        live(asleep, steps, until);
        const woken = new TestAccount(everyKind, START);
        const settles = wakes.map((hours) => ({
          now: plusMs(steps[0]?.now ?? last, hours * HOUR),
          command: { type: 'Settle' } as const,
        }));
        live(woken, inOrder([...steps, ...settles.filter(({ now }) => now < last)]), until);
        expect(outcome(woken)).toEqual(outcome(asleep));
        const told = (account: TestAccount) =>
          account.events
            .filter(({ type }) => type.startsWith('LowBalance'))
            .map(({ type, occurredAt }) => `${type} ${occurredAt}`);
        expect(told(woken)).toEqual(told(asleep));
      }),
      { numRuns: 200 },
    );
  });

  it('and the interleaving with other accounts changes nothing', () => {
    fc.assert(
      fc.property(usageHistory, usageHistory, (history, other) => {
        const lifeOf = (steps: readonly Timed[]) => {
          const account = new TestAccount(everyKind, START);
          for (const { now, command } of steps) account.at(now).send(command);
          return account.events;
        };
        const [first, second] = [timeline(history), timeline(other)];
        const apart = [lifeOf(first), lifeOf(second)];
        const together = [new TestAccount(everyKind, START), new TestAccount(everyKind, START)];
        const steps = inOrder([
          ...first.map((step) => ({ ...step, account: together[0] })),
          ...second.map((step) => ({ ...step, account: together[1] })),
        ]);
        for (const { now, command, account } of steps) account?.at(now).send(command);
        expect(together.map(({ events }) => events)).toEqual(apart);
      }),
      { numRuns: 50 },
    );
  });
});
