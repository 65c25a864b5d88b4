import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '#domain';
import { decodeEvent, encodeEvent, StoredEventInvalid } from './event-codec.js';
import type { LedgerEvent } from './ledger-event-schemas.js';
import { occurredAtOf } from './occurred-at.js';
import { anyEvent, LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';

const tricky = fc.constantFrom(
  '},"occurredAt":"2001-01-01T00:00:00.000Z"',
  '}',
  '{',
  '\\',
  '"',
  '\\"},\\"occurredAt\\":\\"2001-01-01T00:00:00.000Z\\"',
  '","occurredAt":"2001-01-01T00:00:00.000Z"},"occurredAt":"2001-01-01T00:00:00.000Z","x":"',
  'ü🜚',
);
const trickyCause = fc.oneof(
  fc.record({ kind: fc.constant('usage'), source: tricky, id: tricky, fingerprint: tricky }),
  fc.record({ kind: fc.constant('command'), key: tricky, fingerprint: tricky, actor: tricky }),
);

describe('when an event happened', () => {
  it.each(LEDGER_EVENT_TYPES)('is read from a stored %s as decoding reads it', (type) => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        expect(occurredAtOf(type, encodeEvent(event).data)).toBe(event.occurredAt);
      }),
      { numRuns: 50 },
    );
  });

  it('is not taken from what senders have written', () => {
    fc.assert(
      fc.property(anyEvent('CreditsExpired'), trickyCause, (event, cause) => {
        const stored = encodeEvent({ ...event, cause } as LedgerEvent).data;
        expect(occurredAtOf('CreditsExpired', stored)).toBe(event.occurredAt);
      }),
    );
  });

  const [event] = fc.sample(anyEvent('CreditsExpired'), { numRuns: 1, seed: 1 });
  if (event === undefined) throw new Error('no sample');
  const at = instant('2026-11-22T10:00:00Z');
  const stored = Buffer.from(encodeEvent({ ...event, occurredAt: at }).data).toString();

  it.each([
    ['white space', stored.replaceAll(',"', ' , "')],
    ['members in another order', JSON.stringify(reversed(JSON.parse(stored) as object))],
    ['an escaped name', stored.replace('"occurredAt"', '"occurred\\u0041t"')],
  ])('is read in spite of %s', (_name, text) => {
    expect(decodeEvent('CreditsExpired', Buffer.from(text)).occurredAt).toBe(at);
    expect(occurredAtOf('CreditsExpired', Buffer.from(text))).toBe(at);
  });

  it.each([
    ['another version', stored.replace('"schemaVersion":1', '"schemaVersion":2')],
    ['no instant', stored.replace(at, '2026-02-30T10:00:00.000Z')],
    ['a longer text', stored.replace(at, `${at}Z`)],
    ['the end missing', stored.slice(0, stored.indexOf(at) + 30)],
    ['nothing', ''],
  ])('is not read from a text with %s', (_name, text) => {
    expect(() => occurredAtOf('CreditsExpired', Buffer.from(text))).toThrow(StoredEventInvalid);
  });
});

function reversed(members: object): object {
  return Object.fromEntries(Object.entries(members).reverse());
}
