import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPlainUsage } from './usage-reader.js';
import { usageEventSchema } from './usage-schema.js';

/** What the schema makes of an envelope; undefined when it refuses it. */
function bySchema(event: unknown) {
  const { data: envelope } = usageEventSchema.safeParse(event);
  if (envelope === undefined) return undefined;
  const { subject, source, id, time, data } = envelope;
  const { feature, quantity, dimensions = {} } = data;
  return { customerId: subject, source, id, feature, quantity, time, dimensions };
}

const sent = (max: number) => fc.stringMatching(new RegExp(`^[ -~äöü€🜚]{1,${Math.min(max, 40)}}$`, 'u'));
const customer = fc.stringMatching(/^[!-~äöü]{1,20}( [!-~]{1,5})?$/u);
const time = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .chain((at) => fc.constantFrom(at.toISOString(), at.toISOString().replace(/\.\d+Z$/, 'Z')));
const quantity = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), fc.nat({ max: 999_999_999 }))
  .chain(([whole, fraction]) => fc.constantFrom(String(whole), `${whole}.${fraction}`));

const usage = fc.record({
  specversion: fc.constant('1.0'),
  id: sent(256),
  source: sent(256),
  type: fc.constant('usage.recorded'),
  subject: customer,
  time,
  data: fc.record(
    {
      feature: sent(256),
      quantity,
      dimensions: fc.dictionary(
        sent(128).filter((name) => name !== '__proto__' && name !== 'constructor'),
        fc.oneof(sent(512), fc.constant('')),
        { noNullPrototype: true, maxKeys: 5 },
      ),
    },
    { requiredKeys: ['feature', 'quantity'], noNullPrototype: true },
  ),
});

const MANY = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`d${index}`, '']));
const HOSTILE: readonly unknown[] = [
  ...[
    '',
    ' ',
    'x ',
    ' x',
    'a\nb',
    'a\u0000',
    '\ud800',
    '\u200b',
    '\u00a0x',
    'x'.repeat(129),
    'x'.repeat(257),
  ],
  ...['x'.repeat(200), 'x'.repeat(201), 'x'.repeat(513), '1.0', '2.0', 'usage.recorded', '__proto__'],
  ...['0', '-0', '-1', '007', '1.', '.5', '1e3', '9'.repeat(18), '9'.repeat(19), '0.1234567890123', '5\n'],
  ...['2026-02-30T00:00:00Z', '2026-11-22T10:00:00+01:00', '2026-11-22t10:00:00z', '2026-12-31T23:59:60Z'],
  ...['2026-11-22T10:00:00.1Z', '0000-01-01T00:00:00Z', 'application/json', 'text/plain'],
  ...[null, undefined, true, 0, 3, -3, 1.5, 2 ** 53, 2 ** 60, NaN],
  ...[
    [],
    {},
    ['x'],
    { a: 'b' },
    { a: 1 },
    { constructor: 'x' },
    { 'a\n': 'x' },
    { '': 'x' },
    { a: '\ud800' },
  ],
  ...[{ a: 'x'.repeat(512) }, { a: 'x'.repeat(513) }, { ['x'.repeat(128)]: '' }, { ['x'.repeat(129)]: '' }],
  ...[MANY, JSON.parse('{"__proto__":"x"}') as unknown, new Date(0)],
];
const REMOVED = Symbol('removed');
const PLACES = [
  ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'datacontenttype', 'data_base64'].map(
    (name) => ({ name, inData: false }),
  ),
  { name: 'extension', inData: false },
  ...['feature', 'quantity', 'dimensions', 'extra'].map((name) => ({ name, inData: true })),
];
const SAMPLE = {
  specversion: '1.0',
  id: '1',
  source: 'gateway',
  type: 'usage.recorded',
  subject: 'cust_42',
  time: '2026-11-22T10:00:00Z',
  data: { feature: 'image', quantity: '3' },
};

describe('usage as it is usually written', () => {
  it('is read without the schema, to the same', () => {
    fc.assert(
      fc.property(usage, (event) => {
        const expected = bySchema(event);
        expect(expected).toBeDefined();
        expect(readPlainUsage(event)).toStrictEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is never read where the schema refuses it, and never to anything else', () => {
    fc.assert(
      fc.property(usage, fc.constantFrom(...PLACES), (event, { name, inData }) => {
        for (const value of [REMOVED, ...HOSTILE]) {
          const data: Record<string, unknown> = { ...event.data };
          const envelope: Record<string, unknown> = { ...event, data };
          const target = inData ? data : envelope;
          if (value === REMOVED) Reflect.deleteProperty(target, name);
          else target[name] = value;
          const read = readPlainUsage(envelope);
          if (read !== undefined) expect(read).toStrictEqual(bySchema(envelope));
        }
      }),
      { numRuns: 100, examples: PLACES.map((place) => [SAMPLE, place]) },
    );
  });

  it.each(HOSTILE)('is not %j', (value) => {
    expect(readPlainUsage(value)).toBeUndefined();
  });
});
