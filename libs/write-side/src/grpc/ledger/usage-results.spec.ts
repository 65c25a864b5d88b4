import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileMessageWriter, messageReader, messageType, type rpc } from '#contracts';
import { UsageResults } from './usage-results.js';

const write = compileMessageWriter(messageType('purser.v1.RecordUsageStreamResponse'));
const read = messageReader('purser.v1.RecordUsageStreamResponse');

/** Told apart by its reason. */
function result(reason: string, fields: Partial<rpc.UsageError> = {}): rpc.UsageResult {
  return { error: { code: 5, reason, message: '', metadata: {}, fieldViolations: [], ...fields } };
}

describe('the results of a message of usage events', () => {
  it('stand in the order of the events, in whatever order they become known', () => {
    const message = fc
      .uniqueArray(fc.string({ maxLength: 300 }), { maxLength: 20 })
      .chain((reasons) =>
        fc.tuple(
          fc.constant(reasons.map((reason) => result(reason))),
          fc.shuffledSubarray([...reasons.keys()], { minLength: reasons.length }),
        ),
      );
    fc.assert(
      fc.property(message, ([expected, order]) => {
        const results = new UsageResults(expected.length, write);
        for (const at of order) {
          expect(results.isKnown(at)).toBe(false);
          results.set(at, expected[at] ?? {});
          expect(results.isKnown(at)).toBe(true);
        }
        expect(read(results.toMessage())).toEqual({ results: expected });
      }),
    );
  });

  it('are all there or none: the next one would be taken for the one that is missing', () => {
    const results = new UsageResults(2, write);
    results.set(1, result('THERE'));
    expect(() => results.toMessage()).toThrow('usage 0 of a message was left without a result');
  });

  it('may be none at all', () => {
    expect(new UsageResults(0, write).toMessage()).toHaveLength(0);
  });
});
