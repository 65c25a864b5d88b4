import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, planOf, plans, sells } from '../testing/catalogs.js';
import { hold, promotion, purchase, start } from '../testing/commands.js';

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
});
