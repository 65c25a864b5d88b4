import { describe, expect, it } from '@jest/globals';
import { accountStream, customerOfStream, isCustomerId } from './customer-id.js';

describe('a customer id', () => {
  it.each([
    'cust_42',
    'a',
    'a-b',
    'ACME GmbH & Co',
    'Žluťoučký',
    '客户',
    '🜚',
    'x'.repeat(200),
    '😀'.repeat(200),
  ])('may be %j, and its stream leads back to it', (id) => {
    expect(isCustomerId(id)).toBe(true);
    expect(customerOfStream(accountStream(id))).toBe(id);
  });

  it.each([
    '',
    ' a',
    'a ',
    'a\tb',
    'a\nb',
    'a\u0000',
    '\u200ba',
    'a\u202eb',
    '\ud800',
    'a\u2028b',
    'x'.repeat(201),
    '😀'.repeat(201),
  ])('may not be %j', (id) => {
    expect(isCustomerId(id)).toBe(false);
    expect(() => accountStream(id)).toThrow('not a customer id');
  });

  it('is not found in the names of other streams', () => {
    expect(customerOfStream('catalog')).toBeUndefined();
    expect(customerOfStream('$ce-account')).toBeUndefined();
  });
});
