import { status } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { firstValueFrom } from 'rxjs';
import { decodeStatusDetails, STATUS_DETAILS_TRAILER } from '#contracts';
import { rejection, rejectionForFaults } from '#domain';
import { GrpcErrors } from './grpc-errors.js';
import { malformedRequest, Refused } from './refused.js';

interface Told {
  readonly code: number;
  readonly details: string;
  readonly metadata: { get(name: string): (string | Buffer)[] };
}

/** What the client is told of an error, and what the log says. */
async function told(
  error: unknown,
): Promise<{ error: Told; details: ReturnType<typeof decodeStatusDetails>; log: string }> {
  let log = '';
  const logger = pino({}, { write: (line) => (log += line) });
  const thrown = await firstValueFrom(new GrpcErrors(logger).catch(error)).then(
    () => Promise.reject(new Error('nothing was thrown')),
    (reason: unknown) => reason as Told,
  );
  const [trailer] = thrown.metadata.get(STATUS_DETAILS_TRAILER);
  if (!Buffer.isBuffer(trailer)) throw new Error('no status details');
  return { error: thrown, details: decodeStatusDetails(trailer), log };
}

function named(name: string): Error {
  return Object.assign(new Error(`${name} happened`), { name });
}

describe('statuses of failed calls', () => {
  it.each([
    { refusal: rejection('CUSTOMER_UNKNOWN', 'no such customer'), code: status.NOT_FOUND },
    { refusal: rejection('IDEMPOTENCY_KEY_REUSED', 'used before'), code: status.ALREADY_EXISTS },
    { refusal: rejection('INSUFFICIENT_CREDITS', 'too few'), code: status.FAILED_PRECONDITION },
    {
      refusal: rejectionForFaults('PLAN_INVALID', 'plan', [{ path: 'name', message: 'is missing' }]),
      code: status.INVALID_ARGUMENT,
    },
  ])('tells the reason of $refusal.reason', async ({ refusal, code }) => {
    const { error, details } = await told(new Refused(refusal));
    expect(error).toMatchObject({ code, details: refusal.message });
    expect(details).toMatchObject({ code, reason: refusal.reason, message: refusal.message });
  });

  it('gives the numbers of a refusal and names every wrong field', async () => {
    const numbers = { available: '3', required: '5' };
    const refused = await told(new Refused(rejection('INSUFFICIENT_CREDITS', 'too few', { numbers })));
    expect(refused.details.metadata).toEqual(numbers);
    const malformed = await told(malformedRequest([{ path: 'page_size', message: 'must be at most 1000' }]));
    expect(malformed.error.code).toBe(status.INVALID_ARGUMENT);
    expect(malformed.details.fieldViolations).toEqual([
      { field: 'page_size', description: 'must be at most 1000' },
    ]);
  });

  it.each([
    ['ReadStoreUnavailable', status.UNAVAILABLE],
    ['EventStoreUnavailable', status.UNAVAILABLE],
    ['AppendOutcomeUnknown', status.UNAVAILABLE],
    ['ConflictRetriesUsedUp', status.ABORTED],
  ])('says of %s that the call may be sent again', async (name, code) => {
    const { error, log } = await told(named(name));
    expect(error.code).toBe(code);
    expect(log).toBe('');
  });

  it('logs a bug and tells the client nothing of it', async () => {
    const { error, details, log } = await told(new TypeError('secret of the house'));
    expect(error.code).toBe(status.INTERNAL);
    expect(`${error.details} ${details.message}`).not.toContain('secret');
    expect(log).toContain('secret of the house');
  });

  it('keeps the trailers below what clients accept, however many and long the faults', async () => {
    const faults = Array.from({ length: 500 }, (_, index) => ({
      path: `credits[${index}].${'界'.repeat(300)}`,
      message: `is wrong: ${'😀'.repeat(300)}`,
    }));
    const { error, details } = await told(malformedRequest(faults));
    const [trailer] = error.metadata.get(STATUS_DETAILS_TRAILER);
    const onTheWire = (trailer?.length ?? 0) * 1.34 + encodeURI(error.details).length;
    expect(onTheWire).toBeLessThan(8_192);
    expect(details.fieldViolations.at(-1)?.description).toMatch(/^and \d+ faults more$/);
  });
});
