import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import Produce from 'kafkajs/src/protocol/requests/produce/index.js';
import produceV7 from 'kafkajs/src/protocol/requests/produce/v7/request.js';

import './connection.js';
import { crc32c } from './crc32c.js';
import { encodeProduce, type ProduceArguments } from './produce-encoding.js';

const NOW = Date.UTC(2026, 10, 22, 10);

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('', 'ä'.repeat(200), '🜚', '\ud800'),
);
// Sizes at which the length of a record, or of a part of it, takes another byte.
const bytes = fc
  .oneof(fc.nat({ max: 200 }), fc.nat({ max: 20_000 }), fc.constantFrom(8_100, 8_192))
  .map((length) => Buffer.alloc(length, 'x'));
const content = fc.oneof(text, bytes);

const message = fc.record(
  {
    key: fc.oneof(content, fc.constant(null)),
    value: fc.oneof(content, fc.constant(null)),
    headers: fc.dictionary(text, fc.oneof(text, bytes, fc.array(text, { maxLength: 3 })), { maxKeys: 12 }),
  },
  { requiredKeys: ['value'] },
);

const topicData = fc.array(
  fc.record({
    topic: fc.constantFrom('ledger-events', 'ledger-alerts', 'thüre'),
    partitions: fc.array(
      fc.record({
        partition: fc.oneof(fc.nat(), fc.nat().map(String)),
        firstSequence: fc.nat(),
        messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { maxLength: 2 },
);

const request = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  producerId: fc.oneof(
    fc.constant('-1'),
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((id) => id.toString()),
  ),
  producerEpoch: fc.nat({ max: 32_767 }),
  compression: fc.constant(0),
  topicData,
});

const encodedBy = async (
  make: (args: object) => { encode: () => Promise<{ readonly buffer: Buffer }> },
  args: object,
) => (await make(args).encode()).buffer;

describe('a produce request', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is byte for byte what kafkajs makes of the same messages', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.constantFrom(null, 'transaction-1'), async (args, transactionalId) => {
        const given: ProduceArguments = { ...args, transactionalId };
        expect(encodeProduce(given).equals(await encodedBy(produceV7, given))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is the same for messages larger than any before', async () => {
    const messages = [1_048_500, 64, 1_100_000, 3_000_000].map((length) => ({
      value: Buffer.alloc(length, 'x'),
    }));
    const args = { ...sent({}), topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] };
    expect(encodeProduce(args).equals(await encodedBy(produceV7, args))).toBe(true);
  });

  const made = (version: number, args: object) => Produce.protocol({ version })(args).request;
  const sent = (more: object): ProduceArguments => ({
    acks: -1,
    timeout: 30_000,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v', ...more }] }] }],
  });

  it('is encoded here when kafkajs sends it, in every version that carries record batches', async () => {
    const [args] = [sent({ key: 'k' })];
    for (const version of [3, 4, 5, 6, 7]) {
      const { buffer } = await made(version, args).encode();
      expect(buffer.equals(encodeProduce(args))).toBe(true);
    }
  });

  it('is left to kafkajs where producers set the time, or compress', async () => {
    const timed = sent({ timestamp: String(NOW - 5) });
    expect((await made(7, timed).encode()).buffer).toEqual(await encodedBy(produceV7, timed));
    const compressed = { ...sent({}), compression: 1 };
    expect((await made(7, compressed).encode()).buffer.length).toBe(
      (await encodedBy(produceV7, compressed)).length,
    );
    expect((await made(7, compressed).encode()).buffer.equals(encodeProduce(compressed))).toBe(false);
  });
});

describe('CRC-32C', () => {
  it.each([
    ['', 0],
    ['a', 0xc1d04330],
    ['123456789', 0xe3069283],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j is the published one', (input, sum) => {
    expect(crc32c(Buffer.from(input))).toBe(sum);
  });
});
