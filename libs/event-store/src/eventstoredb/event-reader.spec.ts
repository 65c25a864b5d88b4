import { describe, expect, it } from '@jest/globals';
import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import {
  caughtUp,
  checkpoint,
  confirmation,
  readEvent as written,
  streamNotFound,
} from '../testing/loopback/messages.js';
import { readEvent } from './event-reader.js';
import { generalMessage, readMessage, type ReadMessage } from './read-message.js';

/** Events as a server has them: any text, any bytes, numbers of any size. */
const events = fc.record({
  stream: fc.oneof(fc.constant('account-cust_42'), fc.string({ unit: 'grapheme', minLength: 1 })),
  revision: fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 2n ** 53n - 1n)),
  position: fc.oneof(fc.bigInt(0n, 2n ** 32n), fc.bigInt(0n, 2n ** 63n - 1n)),
  id: fc.uuid(),
  type: fc.oneof(fc.constant('CreditsDebited'), fc.string({ unit: 'grapheme' })),
  contentType: fc.constant('application/json'),
  data: fc.uint8Array({ maxLength: 300 }),
  metadata: fc.uint8Array({ maxLength: 300 }),
  created: fc.bigInt(0n, 10n ** 18n),
});

const bytesOf = (event: typeof events extends fc.Arbitrary<infer T> ? T : never): Buffer =>
  Buffer.from(written(event).serializeBinary());

/** Bytes as text, because a view equals no copy of itself for Jest. */
function shown({ event, ...rest }: ReadMessage): object {
  if (!event) return rest;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return { ...rest, event: { ...event, data: hex(event.data), metadata: hex(event.metadata) } };
}

const bounded = { read: (): ReadMessage => ({}) };
createContext(bounded);
const call = new Script('read()');

/** Undefined when it never ends: the generated code does not come back from groups that are not closed. */
function outcome(read: () => ReadMessage): object | undefined {
  try {
    bounded.read = read;
    return shown(call.runInContext(bounded, { timeout: 1_000 }) as ReadMessage);
  } catch (error) {
    const code: unknown = typeof error === 'object' && error && 'code' in error ? error.code : undefined;
    return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? undefined : { refused: true };
  }
}

describe('the reader of events', () => {
  it('gives what the generated code gives', () => {
    fc.assert(
      fc.property(events, (event) => {
        const bytes = bytesOf(event);
        expect(shown(readMessage(bytes))).toEqual(shown(generalMessage(bytes)));
      }),
      { numRuns: 500 },
    );
  });

  it('knows the events of a ledger by itself', () => {
    fc.assert(
      fc.property(events, (event) => {
        const usual = { ...event, type: 'CreditsDebited', position: event.position % 2n ** 53n };
        expect(readEvent(bytesOf(usual))?.id).toBe(event.id);
      }),
    );
  });

  it('never reads spoilt bytes as something else than the generated code does', () => {
    fc.assert(
      fc.property(
        events,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(3),
        (event, where, value, how) => {
          let bytes = bytesOf(event);
          const at = where % bytes.length;
          if (how === 0) bytes = bytes.subarray(0, at);
          else if (how === 1)
            bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([value]), bytes.subarray(at)]);
          else bytes[at] = value;
          const expected = outcome(() => generalMessage(bytes));
          fc.pre(expected !== undefined);
          expect(outcome(() => readMessage(bytes))).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves every other message to the generated code', () => {
    for (const message of [caughtUp(), checkpoint(7n), confirmation(), streamNotFound('account-1')])
      expect(readEvent(Buffer.from(message.serializeBinary()))).toBeUndefined();
    expect(readMessage(Buffer.from(caughtUp().serializeBinary()))).toEqual({ caughtUp: true });
    expect(readMessage(Buffer.from(checkpoint(7n).serializeBinary()))).toEqual({ checkpoint: 7n });
    expect(readMessage(Buffer.from(confirmation().serializeBinary()))).toEqual({});
  });
});
