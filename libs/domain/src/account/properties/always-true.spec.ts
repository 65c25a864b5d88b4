import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount } from '../../amount/index.js';
import {
  agendaOf,
  availableAt,
  compareBurnOrder,
  decide,
  evolve,
  initialAccount,
  recomputedBalance,
  settle,
  walletOf,
  walletView,
  withoutClosedGrants,
  type AccountEvent,
  type Grant,
} from '../index.js';
import { plusMs } from '../../time/index.js';
import { anyHistory, everyKind, live } from '../testing/histories.js';
import { TestAccount } from '../testing/test-account.js';

const START = '2026-03-27T10:00:00Z';

/** Lives many lives; `faults` says what is wrong with the account after a decision. */
const lives = (faults: (account: TestAccount) => Iterable<string>, runs = 150) => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const account = new TestAccount(everyKind, START);
      const found: string[] = [];
      live(account, history, () => found.push(...faults(account)));
      expect(found).toEqual([]);
    }),
    { numRuns: runs },
  );
};

const walletsOf = ({ state }: TestAccount) => Object.values(state.wallets);
const allGrants = (account: TestAccount): readonly Grant[] =>
  walletsOf(account).flatMap(({ grants, closed }) => [...grants, ...closed]);
const same = (what: string, a: Amount, b: Amount): readonly string[] =>
  a.equals(b) ? [] : [`${what}: ${a.toString()} is not ${b.toString()}`];
const negative = (what: string, parts: Iterable<Amount>): readonly string[] =>
  [...parts].some((part) => part.isNegative) ? [`${what} is negative`] : [];

describe('what is always true', () => {
  it('per grant: granted = available + held + consumed + expired + voided + rolled over, none negative', () => {
    lives((account) =>
      allGrants(account).flatMap((grant) => {
        const { available, held, consumed, expired, voided, rolledOver, grantId } = grant;
        const parts = [available, held, consumed, expired, voided, rolledOver];
        return [...negative(grantId, parts), ...same(grantId, Amount.sum(parts), grant.granted)];
      }),
    );
  });

  it('per wallet: the balance that events carry is what the grants add up to, and never negative', () => {
    lives((account) =>
      walletsOf(account).flatMap((wallet) => {
        const recomputed = recomputedBalance(wallet);
        return [
          ...same('included', wallet.balance.included, recomputed.included),
          ...same('purchased', wallet.balance.purchased, recomputed.purchased),
          ...same('promotional', wallet.balance.promotional, recomputed.promotional),
          ...same('held', wallet.balance.held, recomputed.held),
          ...negative('balance', Object.values(wallet.balance) as readonly Amount[]),
          ...negative('uncovered', Object.values(wallet.uncovered)),
        ];
      }),
    );
  });

  it('per wallet: available = included + promotional + purchased = Σ of its usable grants', () => {
    lives((account) => {
      const { settled, now } = account;
      return Object.values(settled.wallets).flatMap((wallet) => {
        const view = walletView(settled, wallet.creditSystem, now);
        const { included, promotional, purchased } = wallet.balance;
        return [
          ...same(
            'sources',
            view.totalAvailable,
            Amount.sum([view.included, view.promotional, view.purchased]),
          ),
          ...same('usable', view.totalAvailable, availableAt(wallet, now)),
          ...same(
            'booked',
            Amount.sum([view.totalAvailable, view.pendingExpiry, view.upcoming]),
            Amount.sum([included, promotional, purchased]),
          ),
        ];
      });
    });
  });

  it('per event: what of its balance can be used is what is available when it is recorded', () => {
    lives(({ events }) => {
      let state = initialAccount;
      return events.flatMap((event) => {
        state = evolve(state, event);
        if (!('balance' in event)) return [];
        const { included, purchased, promotional } = event.balance;
        const resting = Amount.sum(Object.values(event.unusable ?? {}));
        return same(
          `usable after ${event.type}`,
          Amount.sum([included, purchased, promotional]).minus(resting),
          availableAt(walletOf(state, event.creditSystem), event.recordedAt),
        );
      });
    });
  });

  it('per debit: amount = Σ draws + uncovered, and what is uncovered stands in the event after it', () => {
    lives(({ events }) =>
      events.flatMap((event, index) => {
        if (event.type !== 'CreditsDebited') return [];
        const draws = Amount.sum(event.draws.map((draw) => draw.amount));
        const next = events[index + 1];
        const told =
          next?.type === 'UsageUncovered' && next.cause === event.cause ? next.uncovered : Amount.zero;
        return [
          ...same('debit', draws.plus(event.uncovered), event.usage.amount),
          ...same('uncovered', told, event.uncovered),
        ];
      }),
    );
  });

  it('grants have names of their own, stand in burn-down order, and leave it when nothing is left', () => {
    lives((account) => {
      const ids = allGrants(account).map((grant) => grant.grantId);
      const faults = new Set(ids).size === ids.length ? [] : [`named twice: ${ids.join(' ')}`];
      for (const { grants } of walletsOf(account)) {
        const order = grants.toSorted(compareBurnOrder);
        if (order.some((grant, index) => grant !== grants[index])) faults.push('out of order');
        if (grants.some(({ available, held }) => available.isZero && held.isZero)) faults.push('not closed');
      }
      return faults;
    });
  });

  it('what is held is what open holds have set aside', () => {
    lives((account) =>
      walletsOf(account).flatMap(({ holds, balance }) =>
        same(
          'held',
          Amount.sum(holds.flatMap(({ draws }) => draws.map(({ amount }) => amount))),
          balance.held,
        ),
      ),
    );
  });

  it('recorded time never runs backwards, and settlement records nothing that is still to come', () => {
    lives(({ events }) =>
      events.flatMap(({ occurredAt, recordedAt, cause }, index) => {
        const before = events[index - 1]?.recordedAt ?? recordedAt;
        const early = cause.kind === 'settlement' && occurredAt > recordedAt;
        return [...(recordedAt < before ? ['backwards'] : []), ...(early ? ['too early'] : [])];
      }),
    );
  });
});

describe('folding', () => {
  const fold = (events: readonly AccountEvent[], from = initialAccount) => events.reduce(evolve, from);

  it('a prefix and then the rest equals the whole, also from a snapshot without closed grants', () => {
    fc.assert(
      fc.property(anyHistory, fc.double({ min: 0, max: 1, noNaN: true }), (history, share) => {
        const { events } = live(new TestAccount(everyKind, START), history);
        const cut = Math.floor(share * events.length);
        const whole = fold(events);
        expect(fold(events.slice(cut), fold(events.slice(0, cut)))).toEqual(whole);
        const snapshot = withoutClosedGrants(fold(events.slice(0, cut)));
        expect(withoutClosedGrants(fold(events.slice(cut), snapshot))).toEqual(withoutClosedGrants(whole));
      }),
      { numRuns: 100 },
    );
  });

  it('decisions on a snapshot without closed grants are the same', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const remembering = live(new TestAccount(everyKind, START), history);
        const forgetting = live(new TestAccount(everyKind, START, { forgetClosedGrants: true }), history);
        expect(forgetting.decisions).toEqual(remembering.decisions);
      }),
      { numRuns: 100 },
    );
  });
});

describe('settlement', () => {
  it('done twice changes nothing', () => {
    lives((account) => {
      const once = settle(account.state, account.context);
      return settle(once.state, account.context).events.map(({ type }) => type);
    });
  });

  it('is due when the agenda says so, and not before', () => {
    lives((account) => {
      const faults: string[] = [];
      const { context, now } = account;
      // Usage that is still to come keeps everything from expiring.
      const usageConsumedThrough = plusMs(now, -1000 * 3_600_000);
      for (const { kind, creditSystem, at } of agendaOf(account.state)) {
        if (kind === 'expiry') {
          const due = plusMs(at, account.catalog.creditSystems[creditSystem]?.lateUsageGraceMs ?? 0);
          const settled = settle(account.state, { ...context, now: due, usageConsumedThrough: due });
          if (due >= now && !settled.events.some((event) => event.type === 'CreditsExpired'))
            faults.push(`nothing of ${creditSystem} expires at ${due}`);
          continue;
        }
        const { recordedThrough } = account.state;
        if (recordedThrough !== null && at <= recordedThrough) faults.push(`${at} was settled before`);
        const before = { ...context, now: plusMs(at, -1), usageConsumedThrough };
        if (settle(account.state, before).events.length > 0) faults.push(`due before ${at}`);
        const due = decide(account.state, { type: 'Settle' }, { ...context, now: at, usageConsumedThrough });
        if (due.kind !== 'decided' || due.settlement.length === 0) faults.push(`nothing is due at ${at}`);
      }
      return faults;
    });
  });
});
