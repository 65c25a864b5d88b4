import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Amount, instantFromMs, toMs } from '#domain';
import { told, type TransactionRow } from '#projections';
import { readFingerprint, storedFingerprint } from './fingerprint-column.js';
import { decodeTransactions, encodeTransaction, toToldTransaction } from './stored-transaction.js';

const LIMIT = 10n ** 30n - 1n;
const anAmount = fc.oneof(
  fc.constant(Amount.zero),
  fc.bigInt({ min: -LIMIT, max: LIMIT }).map((units) => Amount.ofUnits(units)),
);
const aBalance = fc.record({
  included: anAmount,
  purchased: anAmount,
  promotional: anAmount,
  held: anAmount,
});
/** Any text a sender may choose, with what a database text cannot hold. */
const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '0', 'null', '\u0000', '\ud800', '"]'),
);
const aMoment = fc
  .integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  .map((ms) => instantFromMs(ms));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const aTransaction: fc.Arbitrary<TransactionRow> = fc.record({
  customerId: aText,
  revision: fc.nat(),
  creditSystem: aText,
  type: fc.constant('debited' as const),
  touched: fc.constant(['included' as const]),
  feature: orNull(aText),
  occurredAt: aMoment,
  eventId: aText,
  recordedAt: aMoment,
  change: aBalance,
  balance: aBalance,
  uncovered: anAmount,
  usageSource: orNull(aText),
  usageId: orNull(aText),
  grantId: orNull(aText),
  holdId: orNull(aText),
});

const encoded = (row: TransactionRow): string => encodeTransaction(row, 1, toMs(row.occurredAt));

describe('a stored transaction', () => {
  it('comes back as it is told', () => {
    fc.assert(
      fc.property(aTransaction, (row) => {
        const texts = [encoded(row), encoded(row)];
        const back = decodeTransactions(`[${texts.join()}]`);
        expect(back.map((stored) => toToldTransaction(row.customerId, row, stored))).toEqual([
          told(row),
          told(row),
        ]);
      }),
    );
  });

  it('holds nothing that a database text cannot hold', () => {
    fc.assert(
      fc.property(aTransaction, (row) => {
        const text = encoded(row);
        expect(text).not.toContain('\u0000');
        expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
      }),
    );
  });
});

describe('a fingerprint as it is stored', () => {
  it('comes back as it was, a hash in hexadecimal or not', () => {
    const hex = fc.stringMatching(/^[0-9a-fA-F]{0,64}$/);
    fc.assert(
      fc.property(fc.oneof(hex, fc.string()), (fingerprint) => {
        expect(readFingerprint(storedFingerprint(fingerprint))).toBe(fingerprint);
      }),
    );
  });

  it('is half as long when it is a hash', () => {
    expect(storedFingerprint('ab'.repeat(16))).toEqual(Buffer.alloc(16, 0xab));
  });
});
