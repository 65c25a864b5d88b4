import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountStream, isCustomerId } from './customer-id.js';
import { plainUsage } from './usage/usage-reader.js';
import { readUsage } from './usage/decode-usage.js';
import { readUsageBytes } from './usage/usage-bytes.js';
import { usageEventSchema } from './usage/usage-schema.js';

/** Texts whose characters take one or two places in a JavaScript string, about as long as a limit. */
const around = (limit: number) =>
  fc
    .record({
      length: fc.integer({ min: limit - 2, max: limit + 2 }),
      astral: fc.integer({ min: 0, max: limit + 2 }),
    })
    .map(({ length, astral }) => {
      const wide = Math.min(length, astral);
      return { text: '😀'.repeat(wide) + 'x'.repeat(length - wide), isAllowed: length <= limit };
    });

const LIMITS = { subject: 200, id: 256, source: 256, feature: 256, name: 128, value: 512 };
type Place = keyof typeof LIMITS;
const places = Object.keys(LIMITS) as Place[];

function eventWith(place: Place, text: string) {
  const given = { subject: 'c', id: 'i', source: 's', feature: 'f', name: 'n', value: 'v', [place]: text };
  const { subject, id, source, feature, name, value } = given;
  const data = { feature, quantity: '1', dimensions: { [name]: value } };
  return {
    specversion: '1.0',
    type: 'usage.recorded',
    id,
    source,
    subject,
    time: '2026-11-22T10:00:00Z',
    data,
  };
}

describe('the limit of a text', () => {
  it.each(places)('is counted in characters on every road in: %s', (place) => {
    fc.assert(
      fc.property(around(LIMITS[place]), ({ text, isAllowed }) => {
        const event = eventWith(place, text);
        const { subject: customerId, id, source, time, data } = event;
        const at = '2026-11-22T10:00:00.000Z' as NonNullable<Parameters<typeof plainUsage>[1]>;
        expect(plainUsage({ customerId, id, source, ...data }, at) !== undefined).toBe(isAllowed);
        expect(usageEventSchema.safeParse({ ...event, time }).success).toBe(isAllowed);
        expect('ok' in readUsage(event)).toBe(isAllowed);
        expect(readUsageBytes(Buffer.from(JSON.stringify(event))) !== undefined).toBe(isAllowed);
      }),
      { numRuns: 200 },
    );
  });

  it('lets nobody be a customer who could have no account', () => {
    fc.assert(
      fc.property(around(LIMITS.subject), ({ text, isAllowed }) => {
        expect(isCustomerId(text)).toBe(isAllowed);
        if (isAllowed) expect(accountStream(text)).toBe(`account-${text}`);
        else expect(() => accountStream(text)).toThrow('not a customer id');
      }),
    );
  });

  it('is told with the count that it was compared with', () => {
    const decoded = readUsage(eventWith('id', '😀'.repeat(300)));
    expect(decoded).toMatchObject({ detail: expect.stringContaining('(300 characters)') });
  });
});
