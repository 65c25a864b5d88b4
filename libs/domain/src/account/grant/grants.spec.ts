import { describe, expect, it } from '@jest/globals';
import { MissingHistory, decide } from '../index.js';
import { at, given } from '../testing/given.js';
import { amount, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import {
  cancel,
  capture,
  hold,
  promotion,
  release,
  reverse,
  start,
  usage,
  voidOf,
  settleNow,
} from '../testing/commands.js';

const day = '2026-01-31';

describe('granting credits', () => {
  it('opens the account, takes effect now and lasts for ever unless told otherwise', () => {
    const account = given(prepaid);
    expect(account.when(at(day, promotion('A', 5)))).toEqual([
      'granted 5 promotional promotion/A from 2026-01-31 until ever',
    ]);
    expect(account.account.events[0]).toMatchObject({
      cause: { kind: 'command', key: 'A', actor: 'sales' },
      origin: { kind: 'promotion', reason: 'welcome', actor: 'sales' },
      balance: { promotional: amount(5) },
    });
    expect(account.availableAt(day)).toBe('5');
  });

  it('expires after a calendar duration, or at an instant', () => {
    expect(
      given(prepaid).when(
        at(day, promotion('A', 5, { expiresAfter: 'P3M' })),
        at(day, promotion('B', 5, { expiresAt: '2026-02-01' })),
        at(day, promotion('C', 5, { effectiveAt: '2026-02-28', expiresAfter: 'P1D' })),
      ),
    ).toEqual([
      'granted 5 promotional promotion/A from 2026-01-31 until 2026-04-30',
      'granted 5 promotional promotion/B from 2026-01-31 until 2026-02-01',
      'granted 5 promotional promotion/C from 2026-02-28 until 2026-03-01',
    ]);
  });

  it('lives as long as the plan says of promotional credits, in the zone of the plan, unless told otherwise', () => {
    const catalog = plans(planOf({ ...sells, expiresAfter: 'P1M' }, { timeZone: 'Europe/Berlin' }));
    const account = given(catalog, at('2026-03-28T12:00:00Z', start()));
    expect(
      account.when(
        at('2026-03-28T12:00:00Z', promotion('A', 5)),
        at('2026-03-28T12:00:00Z', promotion('B', 5, { effectiveAt: '2026-04-01' })),
        at('2026-03-28T12:00:00Z', promotion('C', 5, { expiresAfter: 'P1D' })),
        at('2026-03-28T12:00:00Z', promotion('D', 5, { expiresAt: '2026-04-01' })),
        at('2026-03-28T12:00:00Z', promotion('E', 5, { effectiveAt: '9999-12-15' })),
      ),
    ).toEqual([
      'granted 5 promotional promotion/A from 2026-03-28T12:00:00Z until 2026-04-28T11:00:00Z',
      'granted 5 promotional promotion/B from 2026-04-01 until 2026-05-01',
      'granted 5 promotional promotion/C from 2026-03-28T12:00:00Z until 2026-03-29T12:00:00Z',
      'granted 5 promotional promotion/D from 2026-03-28T12:00:00Z until 2026-04-01',
      'rejected: COMMAND_MALFORMED effectiveAt',
    ]);
  });

  it('takes the rule of the active subscription that started first and has one', () => {
    const catalog = plans(
      planOf(sells),
      planOf({ ...sells, expiresAfter: 'P2D' }),
      planOf({ ...sells, expiresAfter: 'P5D' }),
    );
    const account = given(
      catalog,
      at('2026-01-10', start({ subscriptionId: 'last', planVersion: 3 })),
      at('2026-01-10', start({ subscriptionId: 'first', planVersion: 1, startsAt: '2026-01-01' })),
      at('2026-01-10', start({ subscriptionId: 'second', planVersion: 2, startsAt: '2026-01-02' })),
      at('2026-01-10', start({ subscriptionId: 'future', planVersion: 3, startsAt: '2026-02-01' })),
    );
    expect(
      account.when(
        at('2026-01-10', promotion('A', 5)),
        at('2026-01-11', cancel('now', 'second')),
        at('2026-01-11', promotion('B', 5)),
        at('2026-01-12', cancel('now', 'last')),
        at('2026-01-12', promotion('C', 5)),
      ),
    ).toEqual([
      'granted 5 promotional promotion/A from 2026-01-10 until 2026-01-12',
      'cancelled second at 2026-01-11',
      'granted 5 promotional promotion/B from 2026-01-11 until 2026-01-16',
      'cancelled last at 2026-01-12',
      'granted 5 promotional promotion/C from 2026-01-12 until ever',
    ]);
  });

  it('is before all others with priority 0', () => {
    const account = given(prepaid, at(day, promotion('A', 5, { priority: 0 })));
    expect(account.account.grants().get('promotion/A')).toMatchObject({ priority: 0 });
  });

  it('counts as upcoming before it takes effect', () => {
    const account = given(prepaid, at(day, promotion('A', 5, { effectiveAt: '2026-02-02' })));
    expect(account.account.wallet()).toMatchObject({ totalAvailable: amount(0), upcoming: amount(5) });
    expect(account.account.at('2026-02-02').wallet()).toMatchObject({
      totalAvailable: amount(5),
      upcoming: amount(0),
    });
  });

  it('names everything that is wrong with it at once', () => {
    expect(
      given(prepaid).when(
        at(
          day,
          promotion('A', 0, { expiresAt: '2026-01-31', expiresAfter: 'P0D', priority: 0.5, features: [] }),
        ),
        at(day, promotion('B', 1, { creditSystem: 'constructor' })),
        at(day, promotion('C', 1, { effectiveAt: '9999-12-01', expiresAfter: 'P3M', priority: -1 })),
      ),
    ).toEqual([
      'rejected: COMMAND_MALFORMED amount priority expiresAfter expiresAt features expiresAfter',
      'rejected: CREDIT_SYSTEM_UNKNOWN',
      'rejected: COMMAND_MALFORMED priority expiresAfter',
    ]);
  });

  it('leaves room for what time adds: a wallet is never brought beyond what can be counted', () => {
    const account = given(prepaid);
    expect(
      account.when(
        at(day, promotion('A', '100000000000000000.000001')),
        at(day, promotion('B', '99999999999999999')),
        at(day, promotion('C', 2)),
        at(day, promotion('D', 1)),
      ),
    ).toEqual([
      'rejected: COMMAND_MALFORMED amount',
      'granted 99999999999999999 promotional promotion/B from 2026-01-31 until ever',
      'rejected: COMMAND_MALFORMED amount',
      'granted 1 promotional promotion/D from 2026-01-31 until ever',
    ]);
  });

  it('names grants so that no key can take another’s name', () => {
    expect(given(prepaid).when(at(day, promotion('a/b%2F', 5)))).toEqual([
      'granted 5 promotional promotion/a%2Fb%252F from 2026-01-31 until ever',
    ]);
  });
});

describe('voiding a grant', () => {
  const granted = () =>
    given(prepaid, at(day, start()), at(day, promotion('A', 50)), at(day, usage('u1', 20, day)));

  it('takes back what is left and says what was consumed', () => {
    const account = granted();
    expect(account.when(at(day, voidOf('promotion/A')))).toEqual(['voided 30 of promotion/A, consumed 20']);
    expect(account.availableAt(day)).toBe('0');
  });

  it('takes back what a reversal brings later as well', () => {
    const account = granted();
    account.when(at(day, voidOf('promotion/A')));
    expect(account.when(at(day, reverse('u1', 5)))).toEqual([
      'reversed 5: promotion/A 5',
      'voided 5 of promotion/A, consumed 15',
    ]);
  });

  it('finds nothing left the second time, and no grant that never was', () => {
    const account = granted();
    account.when(at(day, voidOf('promotion/A')));
    expect(account.when(at(day, voidOf('promotion/A', 'again')), at(day, voidOf('promotion/B')))).toEqual([
      'rejected: GRANT_SPENT granted 50 consumed 20 held 0 expired 0 voided 30',
      'rejected: GRANT_UNKNOWN',
    ]);
    expect(given(prepaid).when(at(day, voidOf('promotion/A')))).toEqual(['rejected: CUSTOMER_UNKNOWN']);
  });

  it('leaves held credits to their hold, and voids again what comes back', () => {
    const account = granted();
    account.when(at(day, hold('h', 10, '2026-02-10')), at(day, hold('g', 10, '2026-02-10')));
    expect(
      account.when(
        at(day, voidOf('promotion/A')),
        at(day, capture('h', 4)),
        at(day, release('g')),
        at(day, reverse('u1', 5)),
      ),
    ).toEqual([
      'voided 10 of promotion/A, consumed 20, held 20',
      'captured 4 of h: promotion/A 4; beyond: nothing; returned: promotion/A 6',
      'voided 6 of promotion/A, consumed 24',
      'released g at 2026-01-31: promotion/A 10',
      'voided 10 of promotion/A, consumed 24',
      'reversed 5: promotion/A 5',
      'voided 5 of promotion/A, consumed 19',
    ]);
    expect(account.availableAt(day)).toBe('0');
  });

  it('of a grant that a hold has wholly set aside takes nothing yet, and all that comes back', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 50)));
    account.when(at(day, hold('h', 50, '2026-02-10')));
    expect(
      account.when(
        at(day, voidOf('promotion/A')),
        at(day, voidOf('promotion/A', 'again')),
        at(day, capture('h', 20)),
      ),
    ).toEqual([
      'voided 0 of promotion/A, consumed 0, held 50',
      'rejected: GRANT_SPENT granted 50 consumed 0 held 50 expired 0 voided 0',
      'captured 20 of h: promotion/A 20; beyond: nothing; returned: promotion/A 30',
      'voided 30 of promotion/A, consumed 20',
    ]);
    expect(account.availableAt(day)).toBe('0');
  });

  it('keeps in mind that it was voided when a hold takes all and a later reversal opens it again', () => {
    const account = given(prepaid, at(day, start()), at(day, promotion('A', 50)));
    account.when(at(day, usage('u1', 20, day)), at(day, hold('h', 30, '2026-02-10')));
    expect(
      account.when(at(day, voidOf('promotion/A')), at(day, capture('h', 30)), at(day, reverse('u1', 5))),
    ).toEqual([
      'voided 0 of promotion/A, consumed 20, held 30',
      'captured 30 of h: promotion/A 30; beyond: nothing; returned: nothing',
      'reversed 5: promotion/A 5',
      'voided 5 of promotion/A, consumed 45',
    ]);
    expect(account.availableAt(day)).toBe('0');
  });

  it('of an expired grant whose credits were recorded as expired finds nothing', () => {
    const account = given(prepaid, at(day, promotion('A', 50, { expiresAt: '2026-02-01' })));
    account.when(at('2026-02-02', settleNow));
    expect(account.when(at('2026-02-02', voidOf('promotion/A')))).toEqual([
      'rejected: GRANT_SPENT granted 50 consumed 0 held 0 expired 50 voided 0',
    ]);
  });

  it('is never guessed: without the history that it needs there is no decision', () => {
    const { account } = granted();
    expect(() => decide(account.state, voidOf('promotion/B'), account.context)).toThrow(MissingHistory);
  });
});
