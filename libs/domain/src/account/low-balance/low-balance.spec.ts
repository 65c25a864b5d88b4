import { describe, expect, it } from '@jest/globals';
import { agendaOf } from '../index.js';
import { at, given } from '../testing/given.js';
import { allowance, amount, catalogOf, planOf, plans } from '../testing/catalogs.js';
import {
  cancel,
  change,
  hold,
  promotion,
  release,
  settleNow,
  start,
  usage,
  voidOf,
} from '../testing/commands.js';

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

  it('says when it is reached what is done about it', () => {
    const its = account();
    its.when(at(day, usage('u1', 25, day)));
    expect(its.account.events.at(-1)).toMatchObject({ type: 'LowBalanceReached', action: 'alert' });
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

  it('is looked at in the order of time, whatever the grants burn first', () => {
    const its = given(
      plans(planOf(limited(10))),
      at(day, start()),
      at(day, promotion('A', 8)),
      at(day, promotion('B', 5, { effectiveAt: '2026-01-12' })),
      at(day, promotion('C', 5, { effectiveAt: '2026-01-15', expiresAt: '2026-01-20' })),
    );
    expect(its.when(at('2026-01-16', settleNow))).toEqual(['~ no longer low: 13 at 2026-01-12']);
  });

  it('is crossed at the instant of expiry before what a command does in it', () => {
    const its = given(
      plans(planOf(limited(10))),
      at(day, start()),
      at(day, promotion('A', 6)),
      at(day, promotion('B', 5, { expiresAt: '2026-01-10' })),
    );
    expect(its.when(at('2026-01-10', promotion('C', 10)))).toEqual([
      '~ low: 6 below 10 at 2026-01-10',
      'granted 10 promotional promotion/C from 2026-01-10 until ever',
      'no longer low: 16 at 2026-01-10',
    ]);
  });

  it('is told of in the order of time, also when renewals were missed since', () => {
    const its = given(
      plans(planOf({ ...allowance(20), ...limited(15) })),
      at(day, start()),
      at(day, promotion('P', 10, { expiresAt: '2026-01-10', features: ['other'] })),
      at(day, usage('u1', 12, day)),
    );
    expect(its.when(at('2026-02-10', settleNow))).toEqual([
      '~ expired 10 of promotion/P at 2026-01-10',
      '~ low: 8 below 15 at 2026-01-10',
      '~ expired 8 of sub/credits/allowance/0/0 at 2026-02-01',
      '~ granted 20 included sub/credits/allowance/0/1 from 2026-02-01 until 2026-03-01',
      '~ no longer low: 20 at 2026-02-01',
    ]);
  });

  it('is not crossed again when credits that have waited out their grace expire', () => {
    const its = given(
      plans(planOf(limited(10))),
      at(day, start()),
      at(day, promotion('A', 5)),
      at(day, promotion('B', 10, { expiresAt: '2026-01-10' })),
      at('2026-01-10T00:30:00Z', promotion('C', 10)),
    );
    expect(its.account.wallet()).toMatchObject({ low: false });
    expect(its.when(at('2026-01-10T02:00:00Z', settleNow))).toEqual([
      '~ expired 10 of promotion/B at 2026-01-10',
    ]);
  });

  it('is each credit system’s own, and that of the first subscription that has one', () => {
    const its = given(
      catalogOf([{ key: 'credits' }, { key: 'gpu' }], {
        none: [planOf({})],
        plan: [
          {
            credits: [
              { creditSystem: 'credits', ...limited(10) },
              { creditSystem: 'gpu', ...limited(20) },
            ],
          },
        ],
      }),
      at(day, start({ subscriptionId: 'A', planId: 'none' })),
      at(day, start({ subscriptionId: 'B' })),
    );
    expect(
      its.when(at(day, promotion('P', 15)), at(day, promotion('G', 15, { creditSystem: 'gpu' }))),
    ).toEqual([
      'granted 15 promotional promotion/P from 2026-01-01 until ever',
      'granted 15 promotional promotion/G from 2026-01-01 until ever',
      'low: 15 below 20 at 2026-01-01',
    ]);
  });

  it('holds from the start of its subscription, however late anybody looks', () => {
    const its = given(
      plans(planOf(limited(10))),
      at(day, start({ startsAt: '2026-01-05' })),
      at(day, promotion('A', 6)),
    );
    expect(agendaOf(its.account.state)).toMatchObject([{ kind: 'settle', at: '2026-01-05T00:00:00.000Z' }]);
    expect(its.when(at('2026-01-20', settleNow))).toEqual(['~ low: 6 below 10 at 2026-01-05']);
  });

  it('gives way to that of another subscription when its own ends', () => {
    const its = given(
      plans(planOf({ ...allowance(5), ...limited(50) }), planOf(limited(10))),
      at(day, start({ subscriptionId: 'A', planVersion: 1 })),
      at(day, start({ subscriptionId: 'B', planVersion: 2 })),
      at(day, promotion('P', 30)),
      at(day, usage('u1', 5, day)),
      at(day, cancel('periodEnd', 'A')),
    );
    expect(its.account.wallet()).toMatchObject({ low: true });
    expect(its.when(at('2026-02-10', settleNow))).toEqual(['~ no longer low: 30 at 2026-02-01']);
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
