import { describe, expect, it } from '@jest/globals';
import { RequestFields } from './request-fields.js';

function faultsOf(read: (fields: RequestFields) => unknown) {
  const fields = new RequestFields();
  read(fields);
  return fields.faults;
}

describe('the fields of a request', () => {
  it.each([
    ['an id', 256, (fields: RequestFields, text: string) => fields.name(text, 'field')],
    ['a key', 256, (fields: RequestFields, text: string) => fields.key(text, 'field')],
    ['a reason', 1024, (fields: RequestFields, text: string) => fields.text(text, 'field')],
  ])('take %s of as many characters as usage may have, emoji or not', (_, most, read) => {
    for (const character of ['x', '😀']) {
      expect(faultsOf((fields) => read(fields, character.repeat(most)))).toEqual([]);
      expect(faultsOf((fields) => read(fields, character.repeat(most + 1)))).toEqual([
        { path: 'field', message: `must be at most ${most} characters, got ${most + 1}` },
      ]);
    }
  });

  it('are told with all their digits, where those were kept', () => {
    const at = { seconds: 2 ** 62, nanos: 0 };
    expect(faultsOf((fields) => fields.instant(at, 'as_of'))).toEqual([
      {
        path: 'as_of',
        message:
          'must lie in the years 0001 to 9999 with nanos from 0 to 999999999, got about 4611686018427387904 s 0 ns',
      },
    ]);
  });

  it('say all of what a customer id has to be', () => {
    expect(faultsOf((fields) => fields.customerId('😀'.repeat(200)))).toEqual([]);
    expect(faultsOf((fields) => fields.customerId(' cust_42'))).toEqual([
      {
        path: 'customer_id',
        message: 'must be 1 to 200 printable characters without a space at either end, got " cust_42"',
      },
    ]);
  });
});
