import { describe, expect, it } from '@jest/globals';
import type { IntervalUnit } from '../../time/index.js';
import { at, given } from '../testing/given.js';
import { allowance, amount, planOf, plans } from '../testing/catalogs.js';
import { settleNow, start, usage } from '../testing/commands.js';

/** The boundaries of the periods that are granted from a start until a moment. */
function periods(
  from: string,
  until: string,
  unit: IntervalUnit,
  count = 1,
  timeZone = 'UTC',
): readonly string[] {
  const account = given(plans(planOf(allowance(5, unit, count), { timeZone })), at(from, start()));
  account.when(at(until, settleNow));
  return account.account.events.flatMap((event) =>
    event.type === 'CreditsGranted' ? [event.effectiveAt.replace('.000Z', 'Z')] : [],
  );
}

describe('an allowance', () => {
  it('is granted when the subscription starts, and says by which plan and for which period', () => {
    const account = given(plans(planOf(allowance(500))), at('2026-01-31T09:00:00Z', start()));
    expect(account.account.events).toMatchObject([
      { type: 'SubscriptionStarted', startsAt: '2026-01-31T09:00:00.000Z' },
      {
        type: 'CreditsGranted',
        cause: { kind: 'settlement' },
        creditSystem: 'credits',
        amount: amount(500),
        source: 'included',
        grantId: 'sub/credits/allowance/0/0',
        effectiveAt: '2026-01-31T09:00:00.000Z',
        expiresAt: '2026-02-28T09:00:00.000Z',
        origin: {
          kind: 'allowance',
          subscriptionId: 'sub',
          plan: { id: 'plan', version: 1 },
          period: { index: 0, start: '2026-01-31T09:00:00.000Z', end: '2026-02-28T09:00:00.000Z' },
        },
        balance: { included: amount(500) },
      },
    ]);
  });

  it('is clamped to the month’s last day and comes back: 31 Jan, 28 Feb, 31 Mar', () => {
    expect(periods('2026-01-31', '2026-05-01', 'month')).toEqual([
      '2026-01-31T00:00:00Z',
      '2026-02-28T00:00:00Z',
      '2026-03-31T00:00:00Z',
      '2026-04-30T00:00:00Z',
    ]);
  });

  it('keeps the time on the wall through DST, in Berlin and in New York', () => {
    expect(periods('2026-03-28T11:00:00Z', '2026-03-30T12:00:00Z', 'day', 1, 'Europe/Berlin')).toEqual([
      '2026-03-28T11:00:00Z',
      '2026-03-29T10:00:00Z',
      '2026-03-30T10:00:00Z',
    ]);
    expect(periods('2026-10-31T16:00:00Z', '2026-11-02T18:00:00Z', 'day', 1, 'America/New_York')).toEqual([
      '2026-10-31T16:00:00Z',
      '2026-11-01T17:00:00Z',
      '2026-11-02T17:00:00Z',
    ]);
  });

  it('counts hours as they pass, through DST as well', () => {
    expect(periods('2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z', 'hour', 1, 'Europe/Berlin')).toEqual([
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T02:00:00Z',
      '2026-03-29T03:00:00Z',
    ]);
  });

  it('of a leap day is renewed on 28 February, and on the 29th when there is one again', () => {
    expect(periods('2024-02-29', '2028-03-01', 'year')).toEqual([
      '2024-02-29T00:00:00Z',
      '2025-02-28T00:00:00Z',
      '2026-02-28T00:00:00Z',
      '2027-02-28T00:00:00Z',
      '2028-02-29T00:00:00Z',
    ]);
  });

  it('is granted every whole multiple of its interval', () => {
    expect(periods('2026-01-01', '2026-01-29', 'week', 2)).toEqual([
      '2026-01-01T00:00:00Z',
      '2026-01-15T00:00:00Z',
      '2026-01-29T00:00:00Z',
    ]);
  });

  it('that was missed in a downtime appears period by period, and what waited is debited from its own', () => {
    const account = given(plans(planOf(allowance(5, 'day'))), at('2026-01-01', start()));
    account.account.consumedThrough = account.account.now;
    expect(
      account.when(
        at('2026-01-04', usage('u1', 3, '2026-01-02T12:00:00Z')),
        at('2026-01-04', usage('u2', 4, '2026-01-02T13:00:00Z')),
      ),
    ).toEqual([
      '~ granted 5 included sub/credits/allowance/0/1 from 2026-01-02 until 2026-01-03',
      '~ granted 5 included sub/credits/allowance/0/2 from 2026-01-03 until 2026-01-04',
      '~ granted 5 included sub/credits/allowance/0/3 from 2026-01-04 until 2026-01-05',
      'debited 3: sub/credits/allowance/0/1 3',
      'debited 4: sub/credits/allowance/0/1 2, uncovered 2',
      'uncovered 2 blocked',
    ]);
    account.account.consumedThrough = undefined;
    expect(account.when(at('2026-01-04T01:00:00Z', settleNow))).toEqual([
      '~ expired 5 of sub/credits/allowance/0/0 at 2026-01-02',
      '~ expired 5 of sub/credits/allowance/0/2 at 2026-01-04',
    ]);
  });

  it('happened when it fell due, and was recorded when it was decided', () => {
    const account = given(plans(planOf(allowance(5, 'day'))), at('2026-01-01', start()));
    account.when(at('2026-01-02T08:00:00Z', settleNow));
    expect(account.account.events.at(-1)).toMatchObject({
      occurredAt: '2026-01-02T00:00:00.000Z',
      recordedAt: '2026-01-02T08:00:00.000Z',
    });
  });
});
