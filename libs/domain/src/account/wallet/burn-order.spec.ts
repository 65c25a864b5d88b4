import { describe, expect, it } from '@jest/globals';
import { at, given } from '../testing/given.js';
import { allowance, planOf, plans, prepaid, sells } from '../testing/catalogs.js';
import { promotion, purchase, start, usage, type Promoted } from '../testing/commands.js';

const day1 = '2026-01-01';

/** Which of several promotions pays first, second, … when all are needed. */
function order(...grants: readonly (readonly [string, Promoted])[]): readonly string[] {
  const account = given(
    prepaid,
    at(day1, start()),
    ...grants.map(([key, terms]) => at(day1, promotion(key, 1, terms))),
  );
  const decision = account.decision(at('2026-01-02', usage('u', grants.length, '2026-01-02')));
  if (decision.kind !== 'decided') throw new Error(decision.kind);
  return decision.events.flatMap((event) =>
    event.type === 'CreditsDebited'
      ? event.draws.map(({ grantId }) => grantId.replace('promotion/', ''))
      : [],
  );
}

describe('burn-down order', () => {
  it('is by priority first, lower first, 50 where nothing is said', () => {
    expect(
      order(
        ['last', { priority: 51, expiresAt: '2026-01-03' }],
        ['default', { expiresAt: '2026-01-04' }],
        ['first', { priority: 49 }],
      ),
    ).toEqual(['first', 'default', 'last']);
  });

  it('then by nearest expiry, and what never expires comes last', () => {
    expect(
      order(
        ['never', {}],
        ['late', { expiresAt: '2026-03-01', features: ['call'] }],
        ['soon', { expiresAt: '2026-02-01' }],
      ),
    ).toEqual(['soon', 'late', 'never']);
  });

  it('then what is limited to features before what is not', () => {
    expect(order(['any', {}], ['limited', { features: ['call'] }])).toEqual(['limited', 'any']);
  });

  it('then free before paid: included, promotional, purchased', () => {
    const account = given(
      plans(planOf({ ...allowance(1), ...sells, expiresAfter: 'P1M' })),
      at(day1, start({ startsAt: day1 })),
      at(day1, purchase('P', 1)),
      at(day1, promotion('G', 1, { expiresAt: '2026-02-01' })),
    );
    expect(account.when(at('2026-01-02', usage('u', 3, '2026-01-02')))).toEqual([
      'debited 3: sub/credits/allowance/0/0 1 + promotion/G 1 + purchase/P 1',
    ]);
  });

  it('then by when it took effect, was granted, and by its name', () => {
    expect(order(['b', {}], ['a', {}], ['earlier', { effectiveAt: '2025-12-31' }])).toEqual([
      'earlier',
      'a',
      'b',
    ]);
  });

  it('then by when it was granted, where several take effect at one instant', () => {
    const account = given(
      prepaid,
      at(day1, start()),
      at(day1, promotion('b', 1, { effectiveAt: '2026-01-05' })),
      at('2026-01-02', promotion('a', 1, { effectiveAt: '2026-01-05' })),
    );
    expect(account.when(at('2026-01-06', usage('u', 2, '2026-01-06')))).toEqual([
      'debited 2: promotion/b 1 + promotion/a 1',
    ]);
  });

  it('is the same for late usage from before a grant was given that takes effect earlier', () => {
    const account = given(
      prepaid,
      at(day1, start()),
      at(day1, promotion('soon', 1, { expiresAt: '2026-02-01' })),
      at('2026-01-05T01:00:00Z', promotion('never', 1, { effectiveAt: '2026-01-04' })),
    );
    expect(account.when(at('2026-01-05T01:10:00Z', usage('u', 2, '2026-01-05T00:50:00Z')))).toEqual([
      'debited 2: promotion/soon 1 + promotion/never 1',
    ]);
  });

  it('never touches grants that are limited to other features', () => {
    const account = given(
      prepaid,
      at(day1, start()),
      at(day1, promotion('images', 10, { features: ['image'] })),
      at(day1, promotion('any', 10)),
    );
    expect(account.when(at('2026-01-02', usage('u', 15, '2026-01-02')))).toEqual([
      'debited 15: promotion/any 10, uncovered 5',
      'uncovered 5 blocked',
    ]);
  });
});
