import { describe, expect, it } from '@jest/globals';
import { planWith, Story } from './testing.js';

describe('the worked examples of burn-down', () => {
  it('draws on the nearest expiry first', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'C', '100', null)
      .grant('2026-01-01', 'B', '80', '2026-01-20')
      .grant('2026-01-01', 'A', '50', '2026-01-10')
      .use('2026-01-05', 'u1', '90');
    expect(story.left('2026-01-05')).toEqual({ A: '0', B: '40', C: '100' });
    expect(story.wallet('2026-01-05').debits['["test","u1"]']?.draws).toEqual([
      '50 of promotion/A',
      '40 of promotion/B',
    ]);
  });

  it('expires what is left of each grant on its own day', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', '2026-01-10')
      .grant('2026-01-01', 'B', '15', '2026-01-15')
      .use('2026-01-02', 'u1', '5')
      .use('2026-01-03', 'u2', '10')
      .settle('2026-01-20');
    const { grants } = story.wallet('2026-01-20');
    expect(grants['promotion/A']).toMatchObject({ consumed: '10', expired: '0' });
    expect(grants['promotion/B']).toMatchObject({ consumed: '5', expired: '10' });
  });

  it('gives a reversal back to what was drawn last', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'sooner', '5', '2026-01-10')
      .grant('2026-01-01', 'later', '5', '2026-01-20')
      .use('2026-01-02', 'u1', '10')
      .at('2026-01-03', {
        type: 'ReverseDebit',
        usage: { source: 'test', id: 'u1' },
        amount: '7',
        reason: 'test',
      });
    expect(story.left('2026-01-03')).toEqual({ sooner: '2', later: '5' });
  });

  it('burns the month before what never expires, and renews the month', () => {
    const story = new Story(planWith({ allowance: '500' }))
      .start('2026-01-01')
      .grant('2026-01-01', 'gift', '200', null);
    const month = (index: number) => `s/tokens/allowance/0/${index}`;
    story.use('2026-01-05', 'u1', '400');
    expect(story.left('2026-01-05')).toEqual({ [month(0)]: '100', gift: '200' });
    story.use('2026-01-06', 'u2', '200');
    expect(story.left('2026-01-06')).toEqual({ [month(0)]: '0', gift: '100' });
    story.settle('2026-02-01');
    expect(story.left('2026-02-01')).toEqual({ [month(0)]: '0', [month(1)]: '500', gift: '100' });
  });

  it('adds a tenth and a fifth exactly', () => {
    const cost = [{ feature: 'call', creditSystem: 'tokens', creditCost: '0.2', prepaid: true }];
    const story = new Story(planWith({ allowance: '500' }, { plan: { features: cost } }))
      .start('2026-01-01')
      .use('2026-01-02', 'u1', '0.1')
      .use('2026-01-02', 'u2', '0.2');
    expect(story.wallet('2026-01-02').available).toBe('499.94');
  });

  it('debits an id once and refuses it with other content', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '100', null)
      .use('2026-01-02', 'u1', '10')
      .use('2026-01-02', 'u1', '10')
      .use('2026-01-02', 'u1', '11');
    expect(story.answers().slice(2)).toEqual([
      { kind: 'done' },
      { kind: 'duplicate' },
      { kind: 'rejected', reason: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
    expect(story.wallet('2026-01-02').available).toBe('90');
  });
});

describe('late usage', () => {
  it('draws on a grant that was valid when it happened, as long as it may still arrive', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', '2026-01-10')
      .use('2026-01-10T00:30', 'late', '4', '2026-01-09T23:50');
    expect(story.wallet('2026-01-10T00:30')).toMatchObject({ available: '0', pendingExpiry: '6' });
    story.use('2026-01-10T01:00', 'too late', '4', '2026-01-09T23:50');
    expect(story.wallet('2026-01-10T01:00')).toMatchObject({ pendingExpiry: '0', blocked: '4' });
  });

  it('does not draw on what expired at the very instant of the usage', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', '2026-01-10')
      .use('2026-01-10', 'u1', '4');
    expect(story.wallet('2026-01-10')).toMatchObject({ pendingExpiry: '10', blocked: '4' });
  });

  it('draws on a grant that takes effect within the clock skew, and not after it', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-02T00:00:10', 'A', '10', null)
      .use('2026-01-02T00:01', 'just', '1', '2026-01-02T00:00:05')
      .use('2026-01-02T00:01', 'not', '1', '2026-01-02T00:00:04.999');
    expect(story.wallet('2026-01-02T00:01')).toMatchObject({ available: '9', blocked: '1' });
  });

  it('makes no difference to what rolls over', () => {
    const plan = planWith({ allowance: '100', rollover: { cap: '50', periods: 1 } });
    const use = [
      ['u1', '30', '2026-01-31T23:50'],
      ['u2', '40', '2026-01-31T23:55'],
    ] as const;
    const base = () => new Story(plan).start('2026-01-01').grant('2026-01-01', 'gift', '20', '2026-02-10');
    const inTime = use.reduce((story, [id, quantity, time]) => story.use(time, id, quantity, time), base());
    const late = use.reduce(
      (story, [id, quantity, time]) => story.use('2026-02-01T00:20', id, quantity, time),
      base().settle('2026-02-01'),
    );
    const end = (story: Story) => story.settle('2026-02-03').left('2026-02-03');
    expect(end(late)).toEqual(end(inTime));
    expect(end(late)['s/tokens/allowance/0/0/rollover']).toBe('30');
  });

  it('expires nothing while usage waits to be consumed', () => {
    const week = '2026-01-09T12:00';
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', '2026-01-10')
      .settle('2026-01-16', week);
    expect(story.wallet('2026-01-16')).toMatchObject({ available: '0', pendingExpiry: '10' });
    story.at(
      '2026-01-16',
      {
        type: 'RecordUsage',
        source: 'test',
        id: 'u1',
        mode: 'metered',
        feature: 'call',
        quantity: '3',
        time: '2026-01-09T13:00:00.000Z',
        dimensions: {},
      },
      week,
    );
    story.settle('2026-01-16');
    expect(story.wallet('2026-01-16').grants['promotion/A']).toMatchObject({ consumed: '3', expired: '7' });
  });
});

describe('periods', () => {
  const starts = (
    timeZone: string,
    unit: 'month' | 'day' | 'week' | 'hour',
    anchor: string,
    until: string,
  ) => {
    const story = new Story(planWith({ resetInterval: { unit, count: 1 } }, { plan: { timeZone } }))
      .start(anchor)
      .settle(until);
    return Object.keys(story.wallet(until).grants).length;
  };

  it.each([
    ['2026-01-31', '2026-02-27T23:59', 1],
    ['2026-01-31', '2026-02-28', 2],
    ['2026-01-31', '2026-03-30', 2],
    ['2026-01-31', '2026-03-31', 3],
    ['2024-01-31', '2024-02-28', 1],
    ['2024-01-31', '2024-02-29', 2],
  ])('counts months from %s: by %s there are %s', (anchor, until, count) => {
    expect(starts('UTC', 'month', anchor, until)).toBe(count);
  });

  it('counts days on the wall clock through a change to summer time and hours as they pass', () => {
    // Berlin: 29 March 2026 has 23 hours; the day after the anchor begins 23 hours later.
    expect(starts('Europe/Berlin', 'day', '2026-03-28T12:00', '2026-03-29T10:59')).toBe(1);
    expect(starts('Europe/Berlin', 'day', '2026-03-28T12:00', '2026-03-29T11:00')).toBe(2);
    expect(starts('Europe/Berlin', 'hour', '2026-03-28T12:00', '2026-03-29T11:59')).toBe(24);
    // And 25 October has 25.
    expect(starts('Europe/Berlin', 'day', '2026-10-24T12:00', '2026-10-25T12:59')).toBe(1);
    expect(starts('Europe/Berlin', 'day', '2026-10-24T12:00', '2026-10-25T13:00')).toBe(2);
  });

  it('moves a wall clock time that is skipped on by the gap', () => {
    // 02:30 does not exist in Berlin on 29 March 2026: the day begins at 03:30, which is 01:30 UTC.
    expect(starts('Europe/Berlin', 'day', '2026-03-28T01:30', '2026-03-29T01:29')).toBe(1);
    expect(starts('Europe/Berlin', 'day', '2026-03-28T01:30', '2026-03-29T01:30')).toBe(2);
  });

  it('takes the first of a wall clock time that comes twice', () => {
    // 02:30 comes twice in Berlin on 25 October 2026: first at 00:30 UTC.
    expect(starts('Europe/Berlin', 'day', '2026-10-24T00:30', '2026-10-25T00:29')).toBe(1);
    expect(starts('Europe/Berlin', 'day', '2026-10-24T00:30', '2026-10-25T00:30')).toBe(2);
  });

  it('grants every period that passed while nobody looked, one by one', () => {
    const story = new Story(planWith({ allowance: '5', resetInterval: { unit: 'week', count: 1 } }))
      .start('2026-01-01')
      .settle('2026-01-30');
    const wallet = story.wallet('2026-01-30');
    expect(Object.values(wallet.grants).map(({ expired }) => expired)).toEqual(['5', '5', '5', '5', '0']);
    expect(wallet.available).toBe('5');
  });
});

describe('cancelling and changing', () => {
  it('ends the allowance with the subscription and leaves what was given', () => {
    const story = new Story(planWith({ allowance: '100' }))
      .start('2026-01-01')
      .grant('2026-01-01', 'gift', '7', null)
      .at('2026-01-10', { type: 'CancelSubscription', subscriptionId: 's', when: 'now' })
      .settle('2026-03-01');
    expect(story.wallet('2026-03-01').available).toBe('7');
    expect(story.wallet('2026-03-01').grants['s/tokens/allowance/0/0']?.expired).toBe('100');
  });

  it('still pays from the ended allowance for usage from before the end', () => {
    const story = new Story(planWith({ allowance: '100' }))
      .start('2026-01-01')
      .at('2026-01-10', { type: 'CancelSubscription', subscriptionId: 's', when: 'now' })
      .use('2026-01-10T00:10', 'before', '4', '2026-01-09T23:59')
      .use('2026-01-10T00:10', 'after', '4', '2026-01-10T00:01');
    expect(story.answers().slice(2)).toEqual([{ kind: 'done' }, { kind: 'notCreditMetered' }]);
    expect(story.wallet('2026-01-10T00:10')).toMatchObject({ available: '0', pendingExpiry: '96' });
  });

  it('counts periods anew from a change', () => {
    const story = new Story(planWith({ allowance: '100' }))
      .start('2026-01-01')
      .at('2026-01-10', { type: 'ChangeSubscription', subscriptionId: 's', planId: 'plan', when: 'now' });
    expect(story.wallet('2026-01-10')).toMatchObject({ available: '100', pendingExpiry: '100' });
    expect(story.settle('2026-02-09T23:00').wallet('2026-02-09T23:00').available).toBe('100');
    expect(Object.keys(story.settle('2026-02-10').wallet('2026-02-10').grants)).toHaveLength(3);
  });
});

describe('synchronous usage', () => {
  it('is all or nothing', () => {
    const story = new Story(planWith({ allowance: '10' }))
      .start('2026-01-01')
      .use('2026-01-02', 'u1', '11', '2026-01-02', { mode: 'synchronous' })
      .use('2026-01-02', 'u2', '10', '2026-01-02', { mode: 'synchronous' });
    expect(story.answers().slice(1)).toEqual([
      { kind: 'rejected', reason: 'INSUFFICIENT_CREDITS' },
      { kind: 'done' },
    ]);
    expect(story.wallet('2026-01-02')).toMatchObject({ available: '0', blocked: '0' });
  });
});

describe('holds', () => {
  const placed = () =>
    new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '150', '2026-01-10')
      .at('2026-01-02', {
        type: 'PlaceHold',
        holdId: 'h',
        creditSystem: 'tokens',
        amount: '100',
        timesOutAt: '2026-01-12T00:00:00.000Z',
      });

  it('captures a part and returns the rest', () => {
    const story = placed().at('2026-01-03', { type: 'CaptureHold', holdId: 'h', amount: '60' });
    expect(story.wallet('2026-01-03')).toMatchObject({ available: '90', held: '0' });
  });

  it('captures more where the balance allows it, and not beyond', () => {
    const story = placed()
      .at('2026-01-03', { type: 'CaptureHold', holdId: 'h', amount: '151' })
      .at('2026-01-03', { type: 'CaptureHold', holdId: 'h', amount: '120' });
    expect(story.answers().slice(3)).toEqual([
      { kind: 'rejected', reason: 'INSUFFICIENT_CREDITS' },
      { kind: 'done' },
    ]);
    expect(story.wallet('2026-01-03')).toMatchObject({ available: '30', held: '0' });
  });

  it('keeps held credits from expiring until the hold times out', () => {
    const story = placed().settle('2026-01-11');
    expect(story.wallet('2026-01-11').grants['promotion/A']).toMatchObject({ held: '100', expired: '50' });
    expect(story.settle('2026-01-12').wallet('2026-01-12').grants['promotion/A']).toMatchObject({
      held: '0',
      expired: '150',
    });
  });
});

describe('what is taken back', () => {
  it('voids what is left, and what comes back later', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', null)
      .use('2026-01-02', 'u1', '4')
      .at('2026-01-03', { type: 'VoidGrant', creditSystem: 'tokens', grantId: 'promotion/A', reason: 'test' })
      .at('2026-01-04', { type: 'ReverseDebit', usage: { source: 'test', id: 'u1' }, reason: 'test' });
    expect(story.wallet('2026-01-04').grants['promotion/A']).toMatchObject({ voided: '10', consumed: '0' });
  });

  it('expires at once what comes back to an expired grant', () => {
    const story = new Story(planWith(null))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '10', '2026-01-10')
      .use('2026-01-02', 'u1', '4')
      .at('2026-01-20', { type: 'ReverseDebit', usage: { source: 'test', id: 'u1' }, reason: 'test' });
    expect(story.wallet('2026-01-20').grants['promotion/A']).toMatchObject({ expired: '10', available: '0' });
  });
});

describe('a low credit limit', () => {
  it('is noticed below and forgotten above', () => {
    const lowCreditLimit = { threshold: '5', action: 'restrict' } as const;
    const story = new Story(planWith({ allowance: '10' }, { credit: { lowCreditLimit } }))
      .start('2026-01-01')
      .use('2026-01-02', 'u1', '6');
    expect(story.wallet('2026-01-02').low).toBe(true);
    story.use('2026-01-03', 'u2', '1', '2026-01-03', { mode: 'synchronous' });
    expect(story.answers().at(-1)).toEqual({ kind: 'rejected', reason: 'BELOW_CREDIT_LIMIT' });
    expect(story.settle('2026-02-01').wallet('2026-02-01').low).toBe(false);
  });
});

describe('an automatic top-up', () => {
  const terms = { enabled: true, threshold: '20', target: '100', dailyCap: null, monthlyCap: null };
  const topUp: NonNullable<NonNullable<Parameters<typeof planWith>[1]>['credit']>['priced'] = {
    commitment: 'upfront',
    topUp: { kind: 'graduated', currency: 'EUR', taxPercent: null, tiers: [] },
    recurring: null,
    priority: 50,
  };
  const using = (more: Partial<Record<'dailyCap' | 'monthlyCap', string>> = {}) =>
    new Story(planWith(null, { credit: { priced: topUp } }))
      .start('2026-01-01')
      .grant('2026-01-01', 'A', '100', null)
      .at('2026-01-01', { type: 'ConfigureAutoTopUp', creditSystem: 'tokens', terms: { ...terms, ...more } })
      .use('2026-01-01', 'u1', '90');
  const report = (number: number, outcome: 'succeeded' | 'failed') =>
    ({
      type: 'ReportTopUpPayment',
      creditSystem: 'tokens',
      requestId: `auto-top-up/tokens/${number}`,
      outcome,
      paymentReference: 'test',
    }) as const;

  it('asks for the gap, one at a time, and closes it in one grant', () => {
    const story = using().use('2026-01-01', 'u2', '5');
    expect(story.wallet('2026-01-01').autoTopUp?.awaited).toBe('90 as auto-top-up/tokens/1');
    story.at('2026-01-02', report(1, 'succeeded')).at('2026-01-02', report(1, 'succeeded'));
    expect(story.wallet('2026-01-02')).toMatchObject({ purchased: '90', available: '95' });
    expect(story.answers().at(-1)).toEqual({ kind: 'rejected', reason: 'TOP_UP_UNKNOWN' });
  });

  it('stops after three payments in a row that failed, and never asks again in the same breath', () => {
    const story = using();
    for (const number of [1, 2, 3]) {
      story.at('2026-01-02', report(number, 'failed'));
      expect(story.wallet('2026-01-02').autoTopUp).toMatchObject({ awaited: null, failures: number });
      story.settle('2026-01-02');
    }
    expect(story.wallet('2026-01-02').autoTopUp).toMatchObject({ awaited: null, stopped: true });
  });

  it('keeps to its caps, against which only what was paid or may be paid counts', () => {
    const story = using({ dailyCap: '50' }).at('2026-01-01', report(1, 'failed')).settle('2026-01-01');
    expect(story.wallet('2026-01-01').autoTopUp?.awaited).toBe('50 as auto-top-up/tokens/2');
    story.at('2026-01-01', report(2, 'succeeded')).use('2026-01-01', 'u2', '50');
    expect(story.wallet('2026-01-01').autoTopUp).toMatchObject({ awaited: null, askedToday: '50' });
    expect(story.settle('2026-01-02').wallet('2026-01-02').autoTopUp?.awaited).toBe(
      '50 as auto-top-up/tokens/3',
    );
  });
});
