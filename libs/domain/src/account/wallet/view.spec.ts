import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, perUnit, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import { change, hold, promotion, purchase, start, usage } from '../testing/commands.js';

describe('a wallet as its customer sees it', () => {
  const { account } = given(
    plans(planOf({ ...allowance(100), ...sells, expiresAfter: 'P1Y' })),
    at('2026-01-01', start()),
    at('2026-01-02', promotion('A', 20, { expiresAt: '2026-01-10' })),
    at('2026-01-02', promotion('B', 5, { effectiveAt: '2026-01-15' })),
    at('2026-01-03', purchase('P', 50)),
    at('2026-01-04', hold('h', 30, '2026-01-20')),
  );

  it('adds up its total from what was included, purchased and given; held and expired stand apart', () => {
    expect(account.at('2026-01-05').wallet()).toMatchObject({
      totalAvailable: amount(140),
      included: amount(90),
      purchased: amount(50),
      promotional: amount(0),
      held: amount(30),
      pendingExpiry: amount(0),
      upcoming: amount(5),
      nextExpiry: { at: '2026-02-01T00:00:00.000Z', amount: amount(90) },
      nextRenewal: { at: '2026-02-01T00:00:00.000Z', subscriptionId: 'sub', kind: 'allowance' },
    });
  });

  it('is right at any later moment, without anything being recorded', () => {
    const events = account.events.length;
    expect(account.at('2026-02-01').wallet()).toMatchObject({
      totalAvailable: amount(155),
      included: amount(100),
      promotional: amount(5),
      held: amount(0),
      pendingExpiry: amount(100),
      nextExpiry: { at: '2026-03-01T00:00:00.000Z', amount: amount(100) },
    });
    expect(account.events).toHaveLength(events);
  });

  it('that no event has touched is empty', () => {
    expect(account.wallet('constructor')).toMatchObject({
      totalAvailable: amount(0),
      grants: [],
      nextExpiry: null,
      nextRenewal: null,
    });
  });

  it('names the nearest expiry, whatever burns before it, and all that expires then', () => {
    const { account: its } = given(
      prepaid,
      at('2026-01-01', promotion('A', 1, { expiresAt: '2026-03-01', priority: 10 })),
      at('2026-01-01', promotion('B', 2, { expiresAt: '2026-02-01', priority: 20 })),
      at('2026-01-01', promotion('C', 3, { expiresAt: '2026-04-01', priority: 30 })),
      at('2026-01-01', promotion('D', 4, { expiresAt: '2026-02-01', priority: 40 })),
    );
    expect(its.wallet().nextExpiry).toEqual({ at: '2026-02-01T00:00:00.000Z', amount: amount(6) });
  });

  it.each([
    ['month', 'day', '2026-01-02', 'pack'],
    ['day', 'month', '2026-01-02', 'allowance'],
  ] as const)('names the renewal that comes first: %s, %s', (allowed, packed, next, kind) => {
    const { account: its } = given(
      plans(
        planOf({
          ...allowance(1, allowed),
          priced: {
            recurring: {
              quantity: amount(5),
              billingInterval: { unit: packed, count: 1 },
              schedule: perUnit(1),
            },
          },
        }),
      ),
      at('2026-01-01', start()),
    );
    expect(its.wallet().nextRenewal).toEqual({
      at: `${next}T00:00:00.000Z`,
      subscriptionId: 'sub',
      kind,
    });
  });

  it('adds up what no grant could pay, whoever bears it', () => {
    const its = given(
      plans(planOf({}), planOf({ onEmpty: 'payAsYouGo' })),
      at('2026-01-01', start({ planVersion: 1 })),
      at('2026-01-01', usage('u1', 3, '2026-01-01')),
      at('2026-01-02', change(2, 'now')),
      at('2026-01-03', usage('u2', 4, '2026-01-03')),
    );
    expect(its.account.wallet().uncovered).toEqual({
      total: amount(7),
      blocked: amount(3),
      billable: amount(4),
    });
  });
});
