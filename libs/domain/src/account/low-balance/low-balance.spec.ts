import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, amount, planOf, plans } from '../testing/catalogs.js';
import { change, hold, promotion, release, settleNow, start, usage, voidOf } from '../testing/commands.js';

const day = '2026-01-01';
const limited = (threshold: number) => ({
  lowCreditLimit: { threshold: amount(threshold), action: 'alert' as const },
});
const account = () => given(plans(planOf(limited(10))), at(day, start()), at(day, promotion('A', 30)));

describe('a low credit limit', () => {
  it('is told once per crossing, and again after the balance has risen', () => {
    expect(
      account().when(
        at(day, usage('u1', 20, day)),
        at(day, usage('u2', 1, day)),
        at(day, usage('u3', 1, day)),
        at(day, promotion('B', 2)),
        at(day, usage('u4', 1, day)),
      ),
    ).toEqual([
      'debited 20: promotion/A 20',
      'debited 1: promotion/A 1',
      'low: 9 below 10 at 2026-01-01',
      'debited 1: promotion/A 1',
      'granted 2 promotional promotion/B from 2026-01-01 until ever',
      'no longer low: 10 at 2026-01-01',
      'debited 1: promotion/A 1',
      'low: 9 below 10 at 2026-01-01',
    ]);
  });

  it('is crossed by holds as well, since held credits are not available', () => {
    expect(account().when(at(day, hold('h', 25, '2026-01-05')), at('2026-01-05', settleNow))).toEqual([
      'held 25 as h: promotion/A 25',
      'low: 5 below 10 at 2026-01-01',
      '~ timed out h at 2026-01-05: promotion/A 25',
      '~ no longer low: 30 at 2026-01-05',
    ]);
    const released = account();
    released.when(at(day, hold('h', 25, '2026-01-05')));
    expect(released.when(at(day, release('h')))).toEqual([
      'released h at 2026-01-01: promotion/A 25',
      'no longer low: 30 at 2026-01-01',
    ]);
  });

  it('is crossed when a hold times out, not when a grant ended from which the hold had everything', () => {
    const its = account();
    its.when(
      at(day, promotion('B', 8, { expiresAt: '2026-01-05' })),
      at(day, hold('h', 33, '2026-01-06')),
      at('2026-01-02', settleNow),
    );
    expect(its.when(at('2026-01-06', settleNow), at('2026-01-07', settleNow))).toEqual([
      '~ timed out h at 2026-01-06: promotion/B 8 + promotion/A 25',
      '~ expired 8 of promotion/B at 2026-01-05',
      '~ no longer low: 30 at 2026-01-06',
    ]);
    const waiting = account();
    waiting.when(
      at(day, promotion('B', 8, { expiresAt: '2026-01-05' })),
      at(day, hold('h', 33, '2026-01-05T00:10:00Z')),
    );
    expect(waiting.when(at('2026-01-05T00:10:00Z', settleNow))).toEqual([
      '~ timed out h at 2026-01-05T00:10:00Z: promotion/B 8 + promotion/A 25',
      '~ no longer low: 30 at 2026-01-05T00:10:00Z',
    ]);
  });

  it.each(['2026-01-05', '2026-01-05T00:00:00.001Z', '2026-02-01'])(
    'is not risen to by what a hold gives back to a voided grant, whenever it is looked at (%s)',
    (late) => {
      const its = account();
      its.when(at(day, hold('h', 30, '2026-01-05')), at('2026-01-02', voidOf('promotion/A')));
      expect(its.when(at(late, settleNow))).toEqual([
        '~ timed out h at 2026-01-05: promotion/A 30',
        '~ voided 30 of promotion/A, consumed 0',
      ]);
    },
  );

  it('is crossed by time alone at the instant of expiry, however late anybody looks', () => {
    const its = account();
    its.when(at(day, promotion('B', 5, { expiresAt: '2026-01-10' })), at(day, usage('u', 25, day)));
    expect(its.when(at('2026-01-10T00:30:00Z', settleNow))).toEqual([]);
    const expiring = given(
      plans(planOf(limited(10))),
      at(day, start()),
      at(day, promotion('A', 6)),
      at(day, promotion('B', 5, { expiresAt: '2026-01-10' })),
      at(day, promotion('C', 5, { effectiveAt: '2026-01-12' })),
    );
    expect(expiring.when(at('2026-01-20', settleNow))).toEqual([
      '~ expired 5 of promotion/B at 2026-01-10',
      '~ low: 6 below 10 at 2026-01-10',
      '~ no longer low: 11 at 2026-01-12',
    ]);
  });

  it('is not crossed where one allowance replaces the other', () => {
    const its = given(plans(planOf({ ...allowance(20), ...limited(10) })), at(day, start()));
    expect(its.when(at('2026-02-01', settleNow))).toEqual([
      '~ granted 20 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
    ]);
  });

  it('has nothing to fall from in a wallet that never held credits', () => {
    expect(given(plans(planOf(limited(10)))).when(at(day, start()), at(day, settleNow))).toEqual([
      'started sub on plan 1 from 2026-01-01',
    ]);
  });

  it('changes with the plan', () => {
    const its = given(
      plans(planOf(limited(10)), planOf(limited(50))),
      at(day, start({ planVersion: 1 })),
      at(day, promotion('A', 30)),
    );
    expect(its.when(at('2026-01-05', change(2, 'now')))).toEqual([
      'changed sub from 1 to 2 at 2026-01-05',
      'low: 30 below 50 at 2026-01-05',
    ]);
  });
});
