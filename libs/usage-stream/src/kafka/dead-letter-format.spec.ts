import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { DeadLetter } from '../port.js';
import { DeadLetterReader, toParts, toRecord, type DeadLetterRecord } from './dead-letter-format.js';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
// A message may have been a dead letter once, or claim to be a part of one.
const headerName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('purser-reason', 'purser-detail', 'purser-origin', 'purser-part', 'purser-'),
);
const headerValue = fc.oneof(
  bytes(50),
  fc.array(bytes(20), { minLength: 2, maxLength: 3 }),
  fc.constantFrom('1/1', '1/3').map((part) => Buffer.from(part)),
);
const letters = fc.record({
  message: fc.record({
    offset: fc.bigInt({ min: 0n, max: 1n << 60n }),
    key: fc.option(bytes(40)),
    value: fc.option(bytes(2000)),
    headers: fc.array(fc.tuple(headerName, headerValue)).map((entries) => Object.fromEntries(entries)),
    timestampMs: fc.constant(0),
  }),
  reason: fc.constantFrom('malformed', 'unknown-customer'),
  detail: fc.string({ maxLength: 100 }),
  origin: fc.nat().map((offset) => `usage-events/0/${offset}`),
});

const original = ({ message }: DeadLetter) => ({
  key: message.key,
  value: message.value,
  headers: { ...message.headers },
});
const asRead = (read: ReturnType<DeadLetterReader['read']>) =>
  read && { key: read.key, value: read.value, headers: { ...read.headers } };

describe('the format of dead letters', () => {
  it('gives the original back from one record', () => {
    fc.assert(
      fc.property(letters, (letter) => {
        const read = new DeadLetterReader().read(toRecord(letter) as DeadLetterRecord);
        expect(asRead(read)).toEqual(original(letter));
        expect(read).toMatchObject({ reason: letter.reason, detail: letter.detail, origin: letter.origin });
      }),
    );
  });

  it('gives the original back from parts, also when some were written twice', () => {
    fc.assert(
      fc.property(letters, fc.integer({ min: 16, max: 800 }), fc.nat(), (letter, partBytes, again) => {
        const parts = toParts(letter, partBytes) as unknown as DeadLetterRecord[];
        const first = parts.slice(0, again % parts.length);
        const reader = new DeadLetterReader();
        const read = [...first, ...parts].map((part) => reader.read(part)).filter((one) => one !== undefined);
        expect(read).toHaveLength(1);
        expect(asRead(read[0])).toEqual(original(letter));
        expect(reader.incomplete).toBe(0);
      }),
    );
  });

  it('keeps letters of different origins apart while their parts are mixed', () => {
    const letter = (n: number): DeadLetter => ({
      message: { offset: BigInt(n), key: null, value: Buffer.alloc(100, n), headers: {}, timestampMs: 0 },
      reason: 'malformed',
      detail: '',
      origin: `t/0/${n}`,
    });
    const [a, b] = [1, 2].map((n) => toParts(letter(n), 64) as unknown as DeadLetterRecord[]);
    const mixed = (a ?? []).flatMap((part, index) => [part, ...(b?.slice(index, index + 1) ?? [])]);
    const reader = new DeadLetterReader();
    const read = mixed.map((part) => reader.read(part)).filter((one) => one !== undefined);
    expect(read.map(({ origin, value }) => [origin, value?.[0]])).toEqual([
      ['t/0/1', 1],
      ['t/0/2', 2],
    ]);
  });

  it('shortens a detail that quotes a megabyte', () => {
    const letter: DeadLetter = {
      message: { offset: 0n, key: null, value: null, headers: {}, timestampMs: 0 },
      reason: 'malformed',
      detail: 'x'.repeat(1_000_000),
      origin: 't/0/0',
    };
    expect(String(toRecord(letter).headers?.['purser-detail']).length).toBeLessThan(1100);
  });

  it('takes records that are no dead letters, or claim impossible parts, for what they are', () => {
    const reader = new DeadLetterReader();
    const about = { 'purser-reason': 'malformed', 'purser-origin': 't/0/0' };
    expect(reader.read({ key: null, value: null })).toBeUndefined();
    expect(
      reader.read({ key: null, value: null, headers: { ...about, 'purser-part': '0/2' } }),
    ).toBeUndefined();
    expect(
      reader.read({ key: null, value: null, headers: { ...about, 'purser-part': 'x/y' } }),
    ).toBeUndefined();
    expect(
      reader.read({ key: null, value: null, headers: { ...about, 'purser-part': '1/1e9' } }),
    ).toBeUndefined();
  });

  it('counts what is no dead letter, and what claims to be one in parts but is nothing when joined', () => {
    const reader = new DeadLetterReader();
    const headers = { 'purser-reason': 'malformed', 'purser-origin': 't/0/0', 'purser-part': '1/1' };
    for (const value of ['no json', 'null', '{}', '{"key":1,"value":null,"headers":[]}']) {
      expect(reader.read({ key: null, value: Buffer.from(value), headers })).toBeUndefined();
    }
    reader.read({ key: null, value: null });
    expect([reader.strange, reader.incomplete]).toEqual([5, 0]);
  });

  it('gives up the letters that have waited longest for their other parts, when memory runs out', () => {
    const part = (n: number, number: number) => ({
      key: null,
      value: Buffer.alloc(100),
      headers: {
        'purser-reason': 'malformed',
        'purser-origin': `t/0/${n}`,
        'purser-part': `${number}/3`,
      },
    });
    const letter: DeadLetter = {
      message: { offset: 0n, key: null, value: Buffer.alloc(200, 'v'), headers: {}, timestampMs: 0 },
      reason: 'malformed',
      detail: '',
      origin: 't/1/0',
    };
    const reader = new DeadLetterReader(1000);
    const whole = toParts(letter, 64) as unknown as DeadLetterRecord[];
    for (let n = 0; n < 50; n++) reader.read(part(n, 1));
    for (const one of whole.slice(0, -1)) reader.read(one);
    expect(asRead(reader.read(whole.at(-1) ?? { key: null, value: null }))).toEqual(original(letter));
    expect(reader.incomplete).toBe(50);
    // The second part of one given up begins anew and never gets whole.
    expect(reader.read(part(0, 2))).toBeUndefined();
    expect(reader.read(part(0, 3))).toBeUndefined();
  });
});
