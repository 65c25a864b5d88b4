import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount, instant } from '#domain';
import { decodeUsage } from './decode-usage.js';
import type { Usage } from './usage.js';
import { usageFingerprint } from './usage-fingerprint.js';

const USAGE: Usage = {
  customerId: 'cust_42',
  source: 'api-gateway-eu',
  id: '01JDABC',
  feature: 'image-generation',
  quantity: Amount.parse('3'),
  time: instant('2026-11-22T10:00:00Z'),
  dimensions: { model: 'xl', region: 'eu' },
};

describe('the fingerprint of a usage event', () => {
  it('is the same for the same content, however it is written', () => {
    const decode = (quantity: string, time: string, dimensions: string) => {
      const text =
        `{"specversion":"1.0","id":"x","source":"s","type":"usage.recorded","subject":"c","time":"${time}",` +
        `"data":{"feature":"f","dimensions":${dimensions},"quantity":${quantity}}}`;
      const decoded = decodeUsage({ key: null, value: Buffer.from(text), headers: {} });
      if ('malformed' in decoded) throw new Error(decoded.detail);
      return usageFingerprint(decoded.ok);
    };
    const one = decode('"3"', '2026-11-22T10:00:00Z', '{"b":"2","a":"1"}');
    expect(decode('3', '2026-11-22T11:00:00+01:00', '{"a":"1","b":"2"}')).toBe(one);
    expect(decode('"03.000"', '2026-11-22T10:00:00.0000Z', '{ "a":"1", "b":"\\u0032" }')).toBe(one);
  });

  it('does not depend on the id: it is compared between messages with the same one', () => {
    expect(usageFingerprint({ ...USAGE, source: 'other', id: 'other' })).toBe(usageFingerprint(USAGE));
  });

  it.each([
    ['customer', { customerId: 'cust_43' }],
    ['feature', { feature: 'video' }],
    ['quantity', { quantity: Amount.parse('3.000000000001') }],
    ['time', { time: instant('2026-11-22T10:00:00.001Z') }],
    ['dimension value', { dimensions: { model: 'xl', region: 'us' } }],
    ['dimension', { dimensions: { model: 'xl' } }],
    ['place of a dimension border', { dimensions: { model: 'xl","region":"eu' } }],
  ])('is another for another %s', (_name, change) => {
    expect(usageFingerprint({ ...USAGE, ...change })).not.toBe(usageFingerprint(USAGE));
  });

  it('is the hash of one JSON text, whatever the names and values are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      fc.constantFrom('"', '\\', '\u2028', '🜚'),
    );
    const dimensions = fc.dictionary(text, text, { noNullPrototype: true });
    fc.assert(
      fc.property(text, text, dimensions, (customerId, feature, some) => {
        const pairs = Object.entries(some).sort(([a], [b]) => (a < b ? -1 : 1));
        const content = ['usage.recorded', customerId, feature, '3', '2026-11-22T10:00:00.000Z', pairs];
        const expected = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
        expect(usageFingerprint({ ...USAGE, customerId, feature, dimensions: some })).toBe(expected);
      }),
    );
  });

  it('is stored for ever, so it never changes', () => {
    expect(usageFingerprint(USAGE)).toBe('b0a5676925d6c5474a163d9b12fce774');
  });
});
