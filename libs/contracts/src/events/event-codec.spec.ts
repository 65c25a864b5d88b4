import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount, instant, type AutoTopUpStopped } from '#domain';
import {
  decodeAccountEvent,
  decodeCatalogEvent,
  decodeEvent,
  encodeEvent,
  isAccountEvent,
  StoredEventInvalid,
} from './event-codec.js';
import type { LedgerEvent } from './ledger-event-schemas.js';
import { anyEvent, LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';
import type { UpcasterChains } from './upcasters.js';

const STOPPED: AutoTopUpStopped = {
  type: 'AutoTopUpStopped',
  cause: { kind: 'command', key: 'k1', fingerprint: 'f1', actor: 'billing' },
  occurredAt: instant('2026-11-22T10:00:00Z'),
  recordedAt: instant('2026-11-22T10:00:01Z'),
  creditSystem: 'ai-tokens',
  balance: {
    included: Amount.parse('1.50'),
    purchased: Amount.zero,
    promotional: Amount.zero,
    held: Amount.zero,
  },
  reason: 'three payments failed',
};

const STORED =
  '{"type":"AutoTopUpStopped","cause":{"kind":"command","key":"k1","fingerprint":"f1","actor":"billing"},' +
  '"occurredAt":"2026-11-22T10:00:00.000Z","recordedAt":"2026-11-22T10:00:01.000Z","creditSystem":"ai-tokens",' +
  '"balance":{"included":"1.5","purchased":"0","promotional":"0","held":"0"},"reason":"three payments failed",' +
  '"schemaVersion":1}';

const text = (data: Uint8Array) => Buffer.from(data).toString('utf8');
const stored = (from: string, to: string) => Buffer.from(STORED.replace(from, to));

/** The same event, its members built in the opposite order, all the way down. */
function reversed<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Amount) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => reversed(element)) as T;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member as unknown)])) as T;
}

describe.each(LEDGER_EVENT_TYPES)('%s', (type) => {
  it('comes back from storage as it went there', () => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        const encoded = encodeEvent(event);
        const decoded = decodeEvent(encoded.type, encoded.data);
        expect(decoded).toStrictEqual(event);
        expect(text(encodeEvent(decoded).data)).toBe(text(encoded.data));
      }),
      { numRuns: 50 },
    );
  });

  it('is the same bytes in whatever order it was built', () => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        expect(text(encodeEvent(reversed(event)).data)).toBe(text(encodeEvent(event).data));
      }),
      { numRuns: 20 },
    );
  });

  it('says the same to any JSON parser', () => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        const plain = JSON.parse(JSON.stringify(event)) as object;
        expect(JSON.parse(text(encodeEvent(event).data))).toEqual({ ...plain, schemaVersion: 1 });
      }),
      { numRuns: 20 },
    );
  });
});

describe('encoding an event', () => {
  it('writes its canonical text', () => {
    expect(encodeEvent(STOPPED).type).toBe('AutoTopUpStopped');
    expect(text(encodeEvent(STOPPED).data)).toBe(STORED);
  });

  it.each([
    ['a member that is missing', { reason: undefined }, 'reason: must be a text, got undefined'],
    [
      'a number where an amount belongs',
      { balance: { ...STOPPED.balance, held: 3 } },
      'balance.held: must be an amount',
    ],
    ['a cause of no kind', { cause: { kind: 'guess' } }, 'cause: must be usage or command or settlement'],
  ])('refuses %s and names it', (_name, change, message) => {
    expect(() => encodeEvent({ ...STOPPED, ...change } as unknown as LedgerEvent)).toThrow(message);
  });

  it('refuses an event of no known type', () => {
    expect(() => encodeEvent({ ...STOPPED, type: 'toString' } as unknown as LedgerEvent)).toThrow(
      StoredEventInvalid,
    );
  });
});

describe('decoding an event', () => {
  it('gives the domain its own values', () => {
    expect(decodeEvent('AutoTopUpStopped', Buffer.from(STORED))).toStrictEqual(STOPPED);
  });

  it('reads from a part of a larger buffer', () => {
    const buffer = Buffer.from(`xx${STORED}yy`);
    expect(decodeEvent('AutoTopUpStopped', buffer.subarray(2, buffer.length - 2))).toStrictEqual(STOPPED);
  });

  it.each([
    ['a type that is none', 'Nonsense', Buffer.from(STORED), 'no such event type: "Nonsense"'],
    ['a type that every object has', 'constructor', Buffer.from(STORED), 'no such event type'],
    ['bytes', 'AutoTopUpStopped', Buffer.from([0xff, 0x00]), 'AutoTopUpStopped: Unexpected token'],
    ['null', 'AutoTopUpStopped', Buffer.from('null'), 'AutoTopUpStopped: .: '],
    ['the data of another type', 'AutoTopUpFailed', Buffer.from(STORED), 'type: '],
    [
      'a missing member',
      'AutoTopUpStopped',
      stored('"reason":"three payments failed",', ''),
      'reason: is missing',
    ],
    [
      'an unknown member',
      'AutoTopUpStopped',
      stored('"reason"', '"extra":1,"reason"'),
      'extra: is not known here, got 1',
    ],
    ['an amount as a number', 'AutoTopUpStopped', stored('"1.5"', '1.5'), 'balance.included: '],
    [
      'an amount that is none',
      'AutoTopUpStopped',
      stored('"1.5"', '"1e5"'),
      'balance.included: must be a decimal amount, got "1e5"',
    ],
    [
      'an instant in another form',
      'AutoTopUpStopped',
      stored('10:00:00.000Z', '10:00:00Z'),
      'occurredAt: must be an instant',
    ],
    [
      'no version',
      'AutoTopUpStopped',
      stored(',"schemaVersion":1', ''),
      'schemaVersion must be 1 to 1, got undefined',
    ],
    [
      'a version of the future',
      'AutoTopUpStopped',
      stored('"schemaVersion":1', '"schemaVersion":2'),
      'schemaVersion must be 1 to 1, got 2',
    ],
  ])('refuses %s and says where', (_name, type, data, message) => {
    expect(() => decodeEvent(type, data)).toThrow(StoredEventInvalid);
    expect(() => decodeEvent(type, data)).toThrow(message);
  });

  it('tells events of accounts from those of the catalog', () => {
    const renamed: LedgerEvent = {
      type: 'CreditSystemRenamed',
      cause: { kind: 'command', key: 'k', fingerprint: 'f' },
      occurredAt: STOPPED.occurredAt,
      recordedAt: STOPPED.recordedAt,
      creditSystem: 'ai-tokens',
      name: 'AI tokens',
      formerName: 'Tokens',
    };
    const { type, data } = encodeEvent(renamed);
    expect(decodeCatalogEvent(type, data)).toStrictEqual(renamed);
    expect(() => decodeAccountEvent(type, data)).toThrow('CreditSystemRenamed is no event of an account');
    expect(decodeAccountEvent('AutoTopUpStopped', Buffer.from(STORED))).toStrictEqual(STOPPED);
    expect(() => decodeCatalogEvent('AutoTopUpStopped', Buffer.from(STORED))).toThrow(
      'no event of the catalog',
    );
    expect([isAccountEvent(renamed), isAccountEvent(STOPPED)]).toEqual([false, true]);
  });
});

describe('an event of an older version', () => {
  // Imagined: version 1 had no `reason`, version 2 called it `why`.
  const chains: UpcasterChains = {
    AutoTopUpStopped: [
      (members) => ({ ...members, why: 'not recorded' }),
      ({ why, ...members }) => ({ ...members, reason: why }),
    ],
  };

  it('is brought step by step to the shape of today', () => {
    const version1 = stored('"reason":"three payments failed",', '');
    const version2 = stored(
      '"reason":"three payments failed","schemaVersion":1',
      '"why":"limit","schemaVersion":2',
    );
    const version3 = stored('"schemaVersion":1', '"schemaVersion":3');
    expect(decodeEvent('AutoTopUpStopped', version1, chains)).toStrictEqual({
      ...STOPPED,
      reason: 'not recorded',
    });
    expect(decodeEvent('AutoTopUpStopped', version2, chains)).toStrictEqual({ ...STOPPED, reason: 'limit' });
    expect(decodeEvent('AutoTopUpStopped', version3, chains)).toStrictEqual(STOPPED);
  });

  it.each(['0', '4', '1.5', '"1"', 'null'])('is refused where its version is %s', (version) => {
    const data = stored('"schemaVersion":1', `"schemaVersion":${version}`);
    expect(() => decodeEvent('AutoTopUpStopped', data, chains)).toThrow('schemaVersion must be 1 to 3');
  });
});
