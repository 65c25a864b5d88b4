import { describe, expect, it } from '@jest/globals';
import { isRejection, rejection, rejectionForFaults, rejectionSort } from './rejection.js';

describe('a rejection', () => {
  it('carries its reason, a sentence and the numbers involved', () => {
    const numbers = { available: '3', required: '5' };
    const refused = rejection('INSUFFICIENT_CREDITS', 'needs 5, has 3', { numbers });
    expect(refused).toEqual({
      kind: 'rejected',
      reason: 'INSUFFICIENT_CREDITS',
      message: 'needs 5, has 3',
      numbers,
    });
    expect(rejectionSort(refused.reason)).toBe('precondition');
  });

  it('names every fault in its message, for whoever sees only that', () => {
    const faults = [
      { path: 'a', message: 'is wrong' },
      { path: 'b[1]', message: 'too' },
    ];
    expect(rejectionForFaults('PLAN_INVALID', 'draft of plan pro', faults)).toEqual({
      kind: 'rejected',
      reason: 'PLAN_INVALID',
      message: 'draft of plan pro: a: is wrong; b[1]: too',
      faults,
    });
  });

  it('is told from every other value', () => {
    expect(isRejection(rejection('PLAN_UNKNOWN', 'no plan x'))).toBe(true);
    expect([null, undefined, 'rejected', {}, { kind: 'decided' }].some(isRejection)).toBe(false);
  });
});
