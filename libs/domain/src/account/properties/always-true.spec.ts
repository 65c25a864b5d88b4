import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount } from '../../amount/index.js';
import {
  agendaOf,
  availableAt,
  evolve,
  initialAccount,
  recomputedBalance,
  settle,
  walletView,
  withoutClosedGrants,
  type AccountEvent,
  type Grant,
} from '../index.js';
import { plusMs } from '../../time/index.js';
import { anyHistory, everyKind, live } from '../testing/histories.js';
import { TestAccount } from '../testing/test-account.js';

const lives = (each: (account: TestAccount) => void, runs = 300) => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const account = new TestAccount(everyKind, '2026-03-27T10:00:00Z');
      live(account, history, () => each(account));
    }),
    { numRuns: runs },
  );
};

const allGrants = (account: TestAccount): readonly Grant[] =>
  Object.values(account.state.wallets).flatMap(({ grants, closed }) => [...grants, ...closed]);

describe('what is always true', () => {
  it('per grant: granted = available + held + consumed + expired + voided + rolled over, none negative', () => {
    lives((account) => {
      for (const grant of allGrants(account)) {
        const parts = [
          grant.available,
          grant.held,
          grant.consumed,
          grant.expired,
          grant.voided,
          grant.rolledOver,
        ];
        expect(parts.some((part) => part.isNegative)).toBe(false);
        expect(Amount.sum(parts).toString()).toBe(grant.granted.toString());
      }
    });
  });

  it('per wallet: the balance that events carry is what the grants add up to, and never negative', () => {
    lives((account) => {
      for (const wallet of Object.values(account.state.wallets)) {
        expect(wallet.balance).toEqual(recomputedBalance(wallet));
        expect(Object.values(wallet.balance).some((part: Amount) => part.isNegative)).toBe(false);
        const { blocked, billable } = wallet.uncovered;
        expect(blocked.isNegative || billable.isNegative).toBe(false);
      }
    });
  });

  it('per wallet: available = included + promotional + purchased = Σ of its usable grants', () => {
    lives((account) => {
      const { settled, now } = account;
      for (const wallet of Object.values(settled.wallets)) {
        const view = walletView(settled, wallet.creditSystem, now);
        const sources = Amount.sum([view.included, view.promotional, view.purchased]);
        expect(view.totalAvailable).toEqual(sources);
        expect(view.totalAvailable).toEqual(availableAt(wallet, now));
        const { included, promotional, purchased } = wallet.balance;
        expect(Amount.sum([view.totalAvailable, view.pendingExpiry, view.upcoming])).toEqual(
          Amount.sum([included, promotional, purchased]),
        );
      }
    });
  });

  it('per debit: amount = Σ draws + uncovered, and the uncovered part is told once', () => {
    lives((account) => {
      for (const event of account.events) {
        if (event.type !== 'CreditsDebited') continue;
        const draws = Amount.sum(event.draws.map((draw) => draw.amount));
        expect(draws.plus(event.uncovered)).toEqual(event.usage.amount);
      }
    }, 100);
  });

  it('a grant is named once, and grants stand in burn-down order with something left', () => {
    lives((account) => {
      const ids = allGrants(account).map((grant) => grant.grantId);
      expect(new Set(ids).size).toBe(ids.length);
      for (const wallet of Object.values(account.state.wallets)) {
        expect(wallet.grants.every(({ available, held }) => available.isPositive || held.isPositive)).toBe(
          true,
        );
      }
    });
  });

  it('concurrent holds never exceed what was available when they were placed', () => {
    lives((account) => {
      for (const wallet of Object.values(account.state.wallets)) {
        const held = Amount.sum(wallet.holds.flatMap(({ draws }) => draws.map(({ amount }) => amount)));
        expect(held).toEqual(wallet.balance.held);
      }
    }, 150);
  });

  it('what was recorded never runs backwards, and nothing happens after it is recorded', () => {
    lives((account) => {
      const recorded = account.events.map((event) => event.recordedAt);
      expect(recorded).toEqual([...recorded].sort());
      const settlements = account.events.filter(({ cause }) => cause.kind === 'settlement');
      expect(settlements.every(({ occurredAt, recordedAt }) => occurredAt <= recordedAt)).toBe(true);
    }, 100);
  });
});

describe('folding', () => {
  const fold = (events: readonly AccountEvent[], from = initialAccount) => events.reduce(evolve, from);

  it('a prefix and then the rest equals the whole, also from a snapshot without closed grants', () => {
    fc.assert(
      fc.property(anyHistory, fc.double({ min: 0, max: 1, noNaN: true }), (history, share) => {
        const { events } = live(new TestAccount(everyKind, '2026-03-27T10:00:00Z'), history);
        const cut = Math.floor(share * events.length);
        const whole = fold(events);
        expect(fold(events.slice(cut), fold(events.slice(0, cut)))).toEqual(whole);
        const snapshot = withoutClosedGrants(fold(events.slice(0, cut)));
        expect(withoutClosedGrants(fold(events.slice(cut), snapshot))).toEqual(withoutClosedGrants(whole));
      }),
      { numRuns: 200 },
    );
  });

  it('decisions on a snapshot without closed grants are the same', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const start = '2026-03-27T10:00:00Z';
        const remembering = live(new TestAccount(everyKind, start), history);
        const forgetting = live(new TestAccount(everyKind, start, { forgetClosedGrants: true }), history);
        expect(forgetting.decisions).toEqual(remembering.decisions);
      }),
      { numRuns: 200 },
    );
  });
});

describe('settlement', () => {
  it('done twice changes nothing', () => {
    lives((account) => {
      const once = settle(account.state, account.context);
      expect(settle(once.state, account.context).events).toEqual([]);
    }, 150);
  });

  it('is due when the agenda says so, and not before', () => {
    lives((account) => {
      const agenda = agendaOf(account.state);
      const { context } = account;
      const at = agenda.find(({ kind }) => kind === 'settle')?.at;
      // Usage that is still to come keeps everything from expiring.
      const usageConsumedThrough = plusMs(account.now, -1000 * 3_600_000);
      if (at !== undefined && at > account.now) {
        const before = { ...context, now: plusMs(at, -1), usageConsumedThrough };
        expect(settle(account.state, before).events).toEqual([]);
      }
      for (const { kind, creditSystem, at: expiry } of agenda) {
        if (kind !== 'expiry') continue;
        const grace = account.catalog.creditSystems[creditSystem]?.lateUsageGraceMs ?? 0;
        const due = plusMs(expiry, grace);
        if (due < account.now) continue;
        const settled = settle(account.state, { ...context, now: due, usageConsumedThrough: due });
        expect(settled.events.some((event) => event.type === 'CreditsExpired')).toBe(true);
      }
      if (at === undefined) return;
      const woken = new TestAccount(account.catalog, at);
      woken.append(account.events);
      woken.consumedThrough = usageConsumedThrough;
      woken.send({ type: 'Settle' });
      expect(woken.events.length).toBeGreaterThan(account.events.length);
    }, 150);
  });
});
