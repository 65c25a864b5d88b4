import { describe, expect, it } from '@jest/globals';
import type { rpc } from '#contracts';
import { Refused } from '#platform';
import { grantRequest } from '../../testing/grant-request.js';
import { grantCredits, placeHold, reportTopUpPayment } from './commands.js';

const keyed = { customerId: 'a', idempotencyKey: 'k', creditSystem: 'tokens' };

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof Refused)
      return (error.rejection.faults ?? []).map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

function payment(fields: Partial<rpc.ReportTopUpPaymentRequest>): rpc.ReportTopUpPaymentRequest {
  return {
    ...keyed,
    requestId: 'r',
    outcome: 'FAILED',
    paymentReference: '',
    failureReason: '',
    ...fields,
  };
}

describe('the report of a payment', () => {
  it('that failed says why, and one that succeeded names the payment', () => {
    expect(
      faultsOf(() => reportTopUpPayment(payment({ outcome: 'FAILED', paymentReference: 'ch_1' }))),
    ).toEqual(['failure_reason: is missing']);
    expect(
      faultsOf(() => reportTopUpPayment(payment({ outcome: 'SUCCEEDED', failureReason: 'no' }))),
    ).toEqual(['payment_reference: is missing']);
    expect(faultsOf(() => reportTopUpPayment(payment({ failureReason: 'card declined' })))).toEqual([]);
    expect(
      faultsOf(() => reportTopUpPayment(payment({ outcome: 'SUCCEEDED', paymentReference: 'ch_1' }))),
    ).toEqual([]);
  });
});

describe('a promotional grant', () => {
  it('is told once what is wrong with its actor', () => {
    expect(faultsOf(() => grantCredits(grantRequest({ actor: '' })))).toEqual(['actor: is missing']);
    expect(faultsOf(() => grantCredits(grantRequest({ actor: 'x'.repeat(1025) })))).toEqual([
      'actor: must be at most 1024 characters, got 1025',
    ]);
  });

  it('names its actor in the command and in its cause', () => {
    expect(grantCredits(grantRequest({ actor: 'me' })).command).toMatchObject({ actor: 'me' });
  });

  it('is for at most a hundred features: every wallet repeats them', () => {
    const features = Array.from({ length: 101 }, (_, index) => `feature-${index}`);
    expect(faultsOf(() => grantCredits(grantRequest({ features })))).toEqual([
      'features: must be at most 100 entries, got 101',
    ]);
    expect(faultsOf(() => grantCredits(grantRequest({ features: features.slice(1) })))).toEqual([]);
  });

  it('that lives longer than the calendar computes with is told the limit', () => {
    expect(faultsOf(() => grantCredits(grantRequest({ expiresAfter: 'P12000M' })))).toEqual([
      'expires_after: must be an ISO 8601 duration like "P3M" of at most 1000 years, got "P12000M"',
    ]);
  });
});

describe('a hold', () => {
  it('of both credits and a feature is told so once', () => {
    const both = { ...keyed, holdId: '', amount: '', feature: 'chat', quantity: '1' };
    expect(faultsOf(() => placeHold({ ...both, timesOutAt: { seconds: 1, nanos: 0 } }))).toEqual([
      'amount: give either credit_system and amount, or feature and quantity',
    ]);
  });
});
