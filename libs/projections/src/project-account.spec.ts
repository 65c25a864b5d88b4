import { describe, expect, it } from '@jest/globals';
import { Amount, identityOf, instant, type AccountEvent, type CreditsDebited } from '#domain';
import { amount } from '../../domain/src/account/testing/catalogs.js';
import fc from 'fast-check';
import { anyHistory, everyKind, live } from '../../domain/src/account/testing/histories.js';
import { TestAccount } from '../../domain/src/account/testing/test-account.js';
import {
  encodeAccountState,
  encodeGrant,
  holdIdentity,
  projectAccount,
  type AccountChange,
  type AccountRow,
  type RecordedAccountEvent,
  type TransactionRow,
} from './index.js';

const record = (events: readonly AccountEvent[]): readonly RecordedAccountEvent[] =>
  events.map((event, revision) => ({ eventId: `e${revision}`, revision, hash: `h${revision}`, event }));

/** Any customer's life, as its stream has it. */
const anyStream = anyHistory.map((history) => {
  const account = new TestAccount(everyKind, '2026-03-27T10:00:00Z', { forgetClosedGrants: true });
  return { account: live(account, history), events: record(account.events) };
});

/** What a store ends up with that applied the changes one after the other. */
function stored(changes: readonly AccountChange[]) {
  const ids = new Map<string, number>();
  const closed = new Map<string, string>();
  for (const change of changes) {
    for (const { identity, revision } of change.ids) if (!ids.has(identity)) ids.set(identity, revision);
    for (const { creditSystem, grant } of change.closedGrants) {
      closed.set(`${creditSystem} ${grant.grantId}`, encodeGrant(grant));
    }
  }
  const last = changes.at(-1);
  return {
    row: last && { ...last.row, state: encodeAccountState(last.row.state) },
    transactions: changes.flatMap(({ transactions }) => transactions),
    ids: [...ids].sort(),
    closed: [...closed].sort(),
    agenda: last?.agenda,
  };
}

/** Without the feature, which these events used not to say. */
function asBefore(event: AccountEvent): AccountEvent {
  if (event.type !== 'DebitReversed' && event.type !== 'HoldReleased') return event;
  const former = { ...event };
  Reflect.deleteProperty(former, 'feature');
  return former;
}

const grantedAt = instant('2026-01-01T00:00:00.000Z');

function granted(grantId: string, credits: string): AccountEvent {
  return {
    type: 'CreditsGranted',
    creditSystem: 'credits',
    cause: { kind: 'command', key: grantId, fingerprint: `f ${grantId}` },
    occurredAt: grantedAt,
    recordedAt: grantedAt,
    grantId,
    source: 'promotional',
    priority: 50,
    effectiveAt: grantedAt,
    expiresAt: null,
    features: null,
    origin: { kind: 'promotion', reason: 'trial', actor: 'ops' },
    rollover: null,
    amount: amount(credits),
    balance: {
      included: Amount.zero,
      purchased: Amount.zero,
      promotional: amount(credits),
      held: Amount.zero,
    },
  };
}

function debited(credits: string, left: string): CreditsDebited {
  return {
    type: 'CreditsDebited',
    creditSystem: 'credits',
    cause: { kind: 'usage', source: 'gateway', id: 'u1', fingerprint: 'f u1' },
    occurredAt: grantedAt,
    recordedAt: grantedAt,
    usage: {
      feature: 'call',
      quantity: amount(credits),
      dimensions: {},
      mode: 'metered',
      subscriptionId: 'sub',
      plan: { id: 'plan', version: 1 },
      creditCost: amount(1),
      amount: amount(credits),
      placedAt: grantedAt,
    },
    draws: [{ grantId: 'g1', source: 'promotional', amount: amount(credits) }],
    uncovered: Amount.zero,
    balance: { included: Amount.zero, purchased: Amount.zero, promotional: amount(left), held: Amount.zero },
  };
}

describe('projecting an account', () => {
  it('comes to the same rows wherever its stream is cut into batches', () => {
    fc.assert(
      fc.property(anyStream, fc.array(fc.nat(), { maxLength: 12 }), ({ events }, cuts) => {
        const at = [...new Set([...cuts.map((cut) => cut % events.length), events.length])].sort(
          (a, b) => a - b,
        );
        const changes: AccountChange[] = [];
        let row: AccountRow | undefined;
        let from = 0;
        for (const to of at.filter((cut) => cut > 0)) {
          const change = projectAccount('c1', row, events.slice(from, to));
          changes.push(change);
          row = change.row;
          from = to;
        }
        expect(stored(changes)).toEqual(stored([projectAccount('c1', undefined, events)]));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the state that the write side folds, without its closed grants, which become rows', () => {
    fc.assert(
      fc.property(anyStream, ({ account, events }) => {
        const change = projectAccount('c1', undefined, events);
        const state = account.state;
        expect(change.row.revision).toBe(events.length - 1);
        expect(change.row.headHash).toBe(`h${events.length - 1}`);
        const open = Object.fromEntries(
          Object.entries(state.wallets).map(([key, wallet]) => [key, { ...wallet, closed: [] }]),
        );
        expect(change.row.state).toEqual({ ...state, wallets: open });
        const rows = new Map(
          change.closedGrants.map(({ creditSystem, grant }) => [`${creditSystem} ${grant.grantId}`, grant]),
        );
        for (const { creditSystem, closed } of Object.values(state.wallets)) {
          for (const grant of closed) expect(rows.get(`${creditSystem} ${grant.grantId}`)).toEqual(grant);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('shows a history whose changes add up to every balance, and whose uncovered to what the wallet has uncovered', () => {
    fc.assert(
      fc.property(anyStream, ({ account, events }) => {
        const { transactions } = projectAccount('c1', undefined, events);
        for (const wallet of Object.values(account.state.wallets)) {
          const rows = transactions.filter(({ creditSystem }) => creditSystem === wallet.creditSystem);
          for (const kind of ['included', 'purchased', 'promotional', 'held'] as const) {
            let sum = Amount.zero;
            for (const row of rows) {
              sum = sum.plus(row.change[kind]);
              expect(row.balance[kind]).toEqual(sum);
              if (kind !== 'held' && !row.change[kind].isZero) expect(row.touched).toContain(kind);
            }
            expect(sum).toEqual(wallet.balance[kind]);
          }
          const uncovered = Amount.sum(rows.map((row) => row.uncovered));
          expect(uncovered).toEqual(wallet.uncovered.blocked.plus(wallet.uncovered.billable));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('tells of what is reversed or released with the feature that it was debited or held for', () => {
    fc.assert(
      fc.property(anyStream, ({ events }) => {
        const { transactions } = projectAccount('c1', undefined, events);
        const features = new Map<string, string | null>();
        for (const { type, usageId, holdId, feature } of transactions) {
          const about = type === 'held' || type === 'released' ? `hold ${holdId}` : `usage ${usageId}`;
          if (type === 'debited' || type === 'uncovered' || type === 'held') features.set(about, feature);
          if (type === 'reversed' || type === 'released') expect(feature).toBe(features.get(about));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads what was reversed or released before that was recorded', () => {
    fc.assert(
      fc.property(anyStream, ({ events }) => {
        const former = events.map((recorded) => ({ ...recorded, event: asBefore(recorded.event) }));
        for (const { type, feature } of projectAccount('c1', undefined, former).transactions) {
          if (type === 'reversed' || type === 'released') expect(feature).toBeNull();
        }
      }),
      { numRuns: 50 },
    );
  });

  it('remembers every usage, command and hold with the revision of its first event, and settlement never', () => {
    fc.assert(
      fc.property(anyStream, ({ events }) => {
        const first = new Map<string, number>();
        for (const { event, revision } of events) {
          const identity = identityOf(event.cause);
          if (identity === null) continue;
          if (!first.has(identity)) first.set(identity, revision);
          if (event.type === 'HoldPlaced') first.set(holdIdentity(event.holdId), revision);
        }
        const { ids } = projectAccount('c1', undefined, events);
        expect(ids.map(({ identity, revision }) => [identity, revision])).toEqual([...first]);
      }),
      { numRuns: 100 },
    );
  });

  it('ignores events that the row holds already', () => {
    const events = record([granted('g1', '10'), debited('4', '6')]);
    const first = projectAccount('c1', undefined, events.slice(0, 1));
    const both = projectAccount('c1', first.row, events);
    expect(both.transactions.map(({ revision }) => revision)).toEqual([1]);
    expect(both.ids.map(({ revision }) => revision)).toEqual([1]);
    expect(both.row.revision).toBe(1);
    const nothing = projectAccount('c1', both.row, events);
    expect(nothing).toMatchObject({ row: both.row, transactions: [], ids: [], closedGrants: [] });
    expect(nothing.agenda).toEqual(both.agenda);
  });

  it.each([
    ['after its row', 1, [3]],
    ['at its start', undefined, [1]],
    ['between its events', 1, [2, 4]],
  ])('throws at a missing revision %s, naming customer and revisions', (_, revision, revisions) => {
    const events = revisions.map(
      (at) => ({ ...record([granted('g1', '10')])[0], revision: at }) as RecordedAccountEvent,
    );
    const row =
      revision === undefined
        ? undefined
        : { ...projectAccount('c1', undefined, record([granted('g0', '0')])).row, revision };
    const missing = revisions.find((at, index) => at !== (revision ?? -1) + 1 + index) ?? 0;
    expect(() => projectAccount('c1', row, events)).toThrow(
      new RegExp(`account c1: revision ${missing} follows`),
    );
  });

  it('throws when there is neither a row nor an event', () => {
    expect(() => projectAccount('c1', undefined, [])).toThrow('account c1');
  });

  it('throws when an event’s balance is not the one before plus what it moved', () => {
    const events = record([granted('g1', '10'), debited('4', '6.000000000001')]);
    expect(() => projectAccount('c1', undefined, events)).toThrow(
      'account c1: revision 1 (CreditsDebited): promotional was 10 and changed by -4, but the event says 6.000000000001',
    );
  });

  it('tells a debit as one row, from the event alone', () => {
    const { transactions } = projectAccount(
      'c1',
      undefined,
      record([granted('g1', '10'), debited('4', '6')]),
    );
    const expected: TransactionRow = {
      customerId: 'c1',
      revision: 1,
      eventId: 'e1',
      creditSystem: 'credits',
      type: 'debited',
      occurredAt: grantedAt,
      recordedAt: grantedAt,
      change: { included: Amount.zero, purchased: Amount.zero, promotional: amount('-4'), held: Amount.zero },
      touched: ['promotional'],
      balance: { included: Amount.zero, purchased: Amount.zero, promotional: amount(6), held: Amount.zero },
      uncovered: Amount.zero,
      feature: 'call',
      usageSource: 'gateway',
      usageId: 'u1',
      grantId: null,
      holdId: null,
    };
    expect(transactions[1]).toEqual(expected);
  });
});
