import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readUsage, toTimestamp, type rpc } from '#contracts';
import { instant, isRejection } from '#domain';
import { usageFromRequest } from './usage-request.js';

const TIME = '2026-11-22T10:00:00.123Z';
const EVENT: rpc.UsageEvent = {
  customerId: 'cust_42',
  source: 'api',
  id: 'u1',
  feature: 'image',
  quantity: '2.5',
  time: toTimestamp(instant(TIME)),
  dimensions: { model: 'xl' },
};

/** What the usage topic's reader makes of the same event; undefined when it refuses it. */
function fromTopic({ customerId, source, id, feature, quantity, dimensions }: rpc.UsageEvent) {
  const data = { feature, quantity, dimensions };
  const envelope = { specversion: '1.0', type: 'usage.recorded', id, source, subject: customerId };
  const decoded = readUsage({ ...envelope, time: TIME, data });
  return 'ok' in decoded ? decoded.ok : undefined;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', ' x', 'a\nb', '\ud800', '\u200b', 'x'.repeat(200), 'x'.repeat(257), 'x'.repeat(513)),
);
const quantity = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('', '0', '-0', '-1', '007', '1.', '.5', '1e3', '9'.repeat(19), '0.1234567890123'),
);
const event = fc.record({
  customerId: fc.oneof(fc.constant('cust_42'), text),
  source: fc.oneof(fc.constant('api'), text),
  id: fc.oneof(fc.constant('u1'), text),
  feature: fc.oneof(fc.constant('image'), text),
  quantity,
  time: fc.constant(EVENT.time),
  dimensions: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
});

function faultsOf(read: ReturnType<typeof usageFromRequest>): readonly string[] {
  return isRejection(read) ? (read.faults ?? []).map(({ path }) => path) : [];
}

describe('a usage event of a request', () => {
  it('is read as one of the usage topic, or refused as it', () => {
    fc.assert(
      fc.property(event, (sent) => {
        const read = usageFromRequest(sent);
        expect(isRejection(read) ? undefined : read).toStrictEqual(fromTopic(sent));
      }),
      { numRuns: 500, examples: [[EVENT], [{ ...EVENT, dimensions: { constructor: 'x' } }]] },
    );
  });

  it('names what is wrong by the fields of the request, wherever it stands', () => {
    const wrong = { ...EVENT, customerId: ' x', quantity: '-1', dimensions: { 'a\n': '' } };
    expect(faultsOf(usageFromRequest(wrong))).toEqual([
      'usage.customer_id',
      'usage.quantity',
      'usage.dimensions."a\\n"',
    ]);
    expect(faultsOf(usageFromRequest({ ...EVENT, id: '' }, 7))).toEqual(['usages[7].id']);
    expect(faultsOf(usageFromRequest(null, 0))).toEqual(['usages[0]']);
  });

  it('says in plain words what is wrong with a dimension or the time', () => {
    const wordsFor = (wrong: Partial<rpc.UsageEvent>) => {
      const read = usageFromRequest({ ...EVENT, ...wrong });
      return isRejection(read) ? (read.faults ?? []).map(({ path, message }) => `${path}: ${message}`) : [];
    };
    expect(wordsFor({ dimensions: { '': 'x', b: 'y'.repeat(513) } })).toEqual([
      'usage.dimensions."": its name must not be empty, got ""',
      `usage.dimensions.b: must be at most 512 characters, got "${'y'.repeat(64)}"… (513 characters)`,
    ]);
    expect(wordsFor({ dimensions: { ['k'.repeat(129)]: 'x' } })).toEqual([
      expect.stringMatching(/^usage\.dimensions\..*: its name must be at most 128 characters, got "kk/),
    ]);
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`d${index}`, 'x']));
    expect(wordsFor({ dimensions: many })).toEqual([
      'usage.dimensions: must be at most 32 entries, got an object',
    ]);
    expect(wordsFor({ time: { seconds: 253_402_300_800, nanos: 0 } })).toEqual([
      'usage.time: must lie in the years 0001 to 9999 with nanos from 0 to 999999999, got 253402300800 s 0 ns',
    ]);
  });

  it.each([null, { seconds: 0, nanos: -1 }, { seconds: 253_402_300_800, nanos: 0 }])(
    'is not without a time: %j',
    (time) => {
      expect(faultsOf(usageFromRequest({ ...EVENT, time }, 3))).toEqual(['usages[3].time']);
    },
  );
});
