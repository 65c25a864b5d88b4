import { describe, expect, it } from '@jest/globals';
import { MissingHistory, decide } from '../index.js';
import { at, given } from '../testing/given.js';
import { amount, catalogOf, costs, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import { capture, hold, promotion, purchase, release, settleNow, start, usage } from '../testing/commands.js';
import { moment } from '../testing/test-account.js';

const day = '2026-01-01';
const later = '2026-01-05';
const account = () =>
  given(
    prepaid,
    at(day, start()),
    at(day, promotion('A', 50, { expiresAt: '2026-01-10' })),
    at(day, promotion('B', 100)),
  );

describe('a hold', () => {
  it('sets credits aside in burn-down order: they are no longer available', () => {
    const its = account();
    expect(its.when(at(day, hold('h', 80, later)))).toEqual([
      'held 80 as h: promotion/A 50 + promotion/B 30',
    ]);
    expect(its.account.wallet()).toMatchObject({ totalAvailable: amount(70), held: amount(80) });
  });

  it('is all or nothing, and concurrent holds never exceed the balance', () => {
    expect(account().when(at(day, hold('h', 100, later)), at(day, hold('g', 51, later)))).toEqual([
      'held 100 as h: promotion/A 50 + promotion/B 50',
      'rejected: INSUFFICIENT_CREDITS available 50 required 51',
    ]);
  });

  it('of units of a feature holds what they cost, from what may pay for it', () => {
    const its = given(
      plans(planOf({ onEmpty: 'payAsYouGo' }, { features: [costs('call', '0.5')] })),
      at(day, start()),
      at(day, promotion('L', 3, { features: ['call'] })),
    );
    expect(
      its.when(
        at(day, hold('h', 0, later, { feature: 'call', quantity: amount(5) })),
        at(day, hold('g', 0, later, { feature: 'call', quantity: amount(2) })),
        at(day, hold('i', 0, later, { feature: 'none', quantity: amount(2) })),
        at(day, hold('j', '0.1', later)),
      ),
    ).toEqual([
      'held 2.5 as h: promotion/L 2.5',
      'rejected: INSUFFICIENT_CREDITS available 0.5 required 1',
      'not credit metered: none',
      'rejected: INSUFFICIENT_CREDITS available 0 required 0.1',
    ]);
  });

  it('captures all, less or more: less returns the rest, more takes it from the balance', () => {
    const its = account();
    its.when(
      at(day, hold('all', 10, later)),
      at(day, hold('less', 60, later)),
      at(day, hold('more', 10, later)),
    );
    expect(
      its.when(
        at(day, capture('all')),
        at(day, capture('less', 45)),
        at(day, capture('more', 500)),
        at(day, capture('more', 50, 'again')),
      ),
    ).toEqual([
      'captured 10 of all: promotion/A 10; beyond: nothing; returned: nothing',
      'captured 45 of less: promotion/A 40 + promotion/B 5; beyond: nothing; returned: promotion/B 15',
      'rejected: INSUFFICIENT_CREDITS available 95 required 500',
      'captured 50 of more: promotion/B 10; beyond: promotion/B 40; returned: nothing',
    ]);
    expect(its.account.wallet()).toMatchObject({ totalAvailable: amount(45), held: amount(0) });
    expect(its.account.grants().get('promotion/B')).toMatchObject({
      available: amount(45),
      held: amount(0),
      consumed: amount(55),
    });
  });

  it('of which nothing is captured gives everything back', () => {
    const its = account();
    its.when(at(day, hold('h', 10, later)));
    expect(its.when(at(day, capture('h', 0)))).toEqual([
      'captured 0 of h: nothing; beyond: nothing; returned: promotion/A 10',
    ]);
  });

  it('keeps its credits from expiring until it is captured', () => {
    const its = account();
    its.when(at(day, hold('h', 50, '2026-03-01')));
    expect(its.when(at('2026-02-01', settleNow), at('2026-02-01', capture('h', 50)))).toEqual([
      'captured 50 of h: promotion/A 50; beyond: nothing; returned: nothing',
    ]);
  });

  it('that is released gives back to grants that may have expired meanwhile: visibly, at once', () => {
    const its = account();
    its.when(at(day, hold('h', 60, '2026-03-01')));
    expect(its.when(at('2026-02-01', release('h')))).toEqual([
      'released h at 2026-02-01: promotion/A 50 + promotion/B 10',
      'expired 50 of promotion/A at 2026-01-10',
    ]);
    expect(its.availableAt('2026-02-01')).toBe('100');
  });

  it('times out by settlement, at the moment it said', () => {
    const its = account();
    its.when(at(day, hold('h', 60, later)));
    expect(its.when(at('2026-01-04T23:59:59Z', settleNow), at('2026-01-20', settleNow))).toEqual([
      '~ timed out h at 2026-01-05: promotion/A 50 + promotion/B 10',
      '~ expired 50 of promotion/A at 2026-01-10',
    ]);
  });

  it('and others that time out at the same moment do so by their names', () => {
    const its = account();
    its.when(at(day, hold('b', 1, later)), at(day, hold('c', 2, later)), at(day, hold('a', 3, later)));
    expect(its.when(at(later, settleNow))).toEqual([
      '~ timed out a at 2026-01-05: promotion/A 3',
      '~ timed out b at 2026-01-05: promotion/A 1',
      '~ timed out c at 2026-01-05: promotion/A 2',
    ]);
  });

  it('that timed out is closed, and the refusal of a late capture records nothing', () => {
    const its = account();
    its.when(at(day, hold('h', 60, later)));
    expect(
      its.when(
        at('2026-01-06', capture('h')),
        at('2026-01-06', settleNow),
        at('2026-01-06', capture('h', 1, 'again')),
        at('2026-01-06', release('h')),
        at('2026-01-06', release('g')),
      ),
    ).toEqual([
      'rejected: HOLD_CLOSED',
      '~ timed out h at 2026-01-05: promotion/A 50 + promotion/B 10',
      'rejected: HOLD_CLOSED',
      'rejected: HOLD_CLOSED',
      'rejected: HOLD_UNKNOWN',
    ]);
  });

  it('keeps its id to itself even when it times out in the decision that would place it again', () => {
    const its = account();
    its.when(at(day, hold('h', 10, later)));
    const again = { ...hold('h', 10, '2026-02-01'), key: 'another' };
    expect(its.when(at('2026-01-06', again))).toEqual(['rejected: HOLD_EXISTS']);
  });

  it('has an id of its own, also after it is closed', () => {
    const its = account();
    its.when(at(day, hold('h', 10, later)));
    const again = { ...hold('h', 10, later), key: 'another' };
    expect(its.when(at(day, again), at(day, release('h')), at(day, { ...again, key: 'third' }))).toEqual([
      'rejected: HOLD_EXISTS',
      'released h at 2026-01-01: promotion/A 10',
      'rejected: HOLD_EXISTS',
    ]);
  });

  it('is left alone by usage', () => {
    const its = account();
    its.when(at(day, hold('h', 140, later)));
    expect(its.when(at(day, usage('u', 30, day)))).toEqual([
      'debited 30: promotion/B 10, uncovered 20',
      'uncovered 20 blocked',
    ]);
  });

  it('of a feature needs a subscription that prices it, one of credits does not', () => {
    const its = given(prepaid, at(day, promotion('A', 5)));
    expect(
      its.when(
        at(day, hold('h', 0, later, { feature: 'call', quantity: amount(1) })),
        at(day, hold('g', 1, later)),
      ),
    ).toEqual(['rejected: NO_SUBSCRIPTION', 'held 1 as g: promotion/A 1']);
  });

  it.each([
    ['credits', {}],
    ['a feature', { feature: 'call', quantity: amount(1) }],
  ])('of %s is refused below a limit that restricts, and before a purchase that is mandatory', (_, rest) => {
    const limited = given(
      plans(planOf({ lowCreditLimit: { threshold: amount(5), action: 'restrict' } })),
      at(day, start()),
      at(day, promotion('A', 5)),
    );
    expect(limited.when(at(day, hold('h', 1, later, rest)), at(day, hold('g', 1, later, rest)))).toEqual([
      'held 1 as h: promotion/A 1',
      'low: 4 below 5 at 2026-01-01',
      'rejected: BELOW_CREDIT_LIMIT available 4 threshold 5',
    ]);
    const unpaid = given(
      plans(planOf({ ...sells, mandatoryPurchase: true })),
      at(day, start()),
      at(day, promotion('A', 5)),
    );
    expect(
      unpaid.when(
        at(day, hold('h', 1, later, rest)),
        at(day, purchase('P', 5)),
        at(day, hold('g', 1, later, rest)),
      ),
    ).toEqual([
      'rejected: PURCHASE_REQUIRED',
      'granted 5 purchased purchase/P from 2026-01-01 until ever',
      'held 1 as g: promotion/A 1',
    ]);
  });

  it('of credits is judged by the subscription that started first and has them', () => {
    const its = given(
      catalogOf([{ key: 'credits' }, { key: 'gpu' }], {
        other: [{ credits: [{ creditSystem: 'gpu' }] }],
        plan: [planOf({ ...sells, mandatoryPurchase: true })],
      }),
      at(day, start({ subscriptionId: 'A', planId: 'other' })),
      at(day, start({ subscriptionId: 'B' })),
      at(day, promotion('P', 5)),
      at(day, promotion('G', 5, { creditSystem: 'gpu' })),
    );
    expect(
      its.when(at(day, hold('h', 1, later)), at(day, hold('g', 1, later, { creditSystem: 'gpu' }))),
    ).toEqual(['rejected: PURCHASE_REQUIRED', 'held 1 as g: promotion/G 1']);
  });

  it('of a feature says so when it is placed, captured and released', () => {
    const its = account();
    const call = { feature: 'call', quantity: amount(1) };
    its.when(
      at(day, hold('h', 0, later, call)),
      at(day, hold('g', 0, later, call)),
      at(day, capture('h')),
      at(day, release('g')),
    );
    expect(its.account.events.slice(-4)).toMatchObject([
      { type: 'HoldPlaced', feature: 'call' },
      { type: 'HoldPlaced', feature: 'call' },
      { type: 'HoldCaptured', feature: 'call' },
      { type: 'HoldReleased', feature: 'call' },
    ]);
  });

  it('needs a customer who is there', () => {
    expect(
      given(prepaid).when(at(day, hold('h', 1, later)), at(day, capture('h')), at(day, release('h'))),
    ).toEqual(['rejected: CUSTOMER_UNKNOWN', 'rejected: CUSTOMER_UNKNOWN', 'rejected: CUSTOMER_UNKNOWN']);
  });

  it('is found in whichever wallet it is', () => {
    const its = given(
      catalogOf([{ key: 'credits' }, { key: 'gpu' }], { plan: [planOf({})] }),
      at(day, promotion('A', 5)),
      at(day, promotion('G', 5, { creditSystem: 'gpu' })),
      at(day, hold('h', 1, later)),
      at(day, hold('g', 2, later, { creditSystem: 'gpu' })),
    );
    expect(its.when(at(day, release('g')), at(day, capture('h')))).toEqual([
      'released g at 2026-01-01: promotion/G 2',
      'captured 1 of h: promotion/A 1; beyond: nothing; returned: nothing',
    ]);
  });

  it('is captured by no negative amount', () => {
    const its = account();
    its.when(at(day, hold('h', 10, later)));
    expect(its.when(at(day, capture('h', -1)))).toEqual(['rejected: COMMAND_MALFORMED amount']);
  });

  it('is never guessed to be closed: without the history that it needs there is no decision', () => {
    const { account: its } = account();
    expect(() => decide(its.state, release('h'), its.context)).toThrow(MissingHistory);
  });

  it.each([
    { creditSystem: 'credits' },
    { amount: amount(1) },
    { feature: 'call' },
    { quantity: amount(1) },
    { creditSystem: 'credits', quantity: amount(1) },
    { feature: 'call', amount: amount(1) },
    {},
  ])('asks for both halves of the one or the other: %j', (part) => {
    const bare = {
      type: 'PlaceHold',
      key: 'k',
      fingerprint: 'k',
      holdId: 'h',
      timesOutAt: moment(later),
    } as const;
    expect(account().when(at(day, { ...bare, ...part }))).toEqual(['rejected: COMMAND_MALFORMED ']);
  });

  it('asks for credits or for a feature, for something, and until later', () => {
    const both = { creditSystem: 'credits', amount: amount(-1), feature: 'call', quantity: amount(0) };
    expect(
      account().when(
        at(later, hold('h', 1, later, both)),
        at(day, hold('g', 1, later, { creditSystem: 'none' })),
        at(day, capture('none', -1)),
      ),
    ).toEqual([
      'rejected: COMMAND_MALFORMED  amount quantity timesOutAt',
      'rejected: CREDIT_SYSTEM_UNKNOWN',
      'rejected: HOLD_UNKNOWN',
    ]);
  });
});
