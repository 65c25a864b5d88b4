import { describe, expect, it } from '@jest/globals';
import { compileMessageCheck } from './message-check.js';
import { messageType } from './message-types.js';

const usageRequest = messageType('purser.v1.RecordUsageRequest');
const check = compileMessageCheck(usageRequest);

/** A field that has a length. */
function field(number: number, ...content: readonly number[]): number[] {
  return [(number << 3) | 2, content.length, ...content];
}

const bytes = (...content: readonly number[]) => Buffer.from(content);

describe('the check of a message', () => {
  it('lets every message of the type pass, and fields that a later contract may have', () => {
    const usage = {
      customerId: 'c',
      quantity: '1',
      time: { seconds: 1_700_000_000, nanos: 1 },
      dimensions: { model: 'é\ufffd', '': '' },
    };
    const message = usageRequest.encode(usageRequest.fromObject({ usage, mode: 1 })).finish();
    check(message);
    check(bytes(...message, ...field(15, 0xff), 0x80, 0x01, 0x05));
    const list = messageType('purser.v1.ListTransactionsRequest');
    const checkList = compileMessageCheck(list);
    checkList(list.encode(list.fromObject({ customerId: 'c', types: [1, 2] })).finish());
    const { id } = list.fields['types'] ?? {};
    // A list of numbers may stand there one by one as well.
    checkList(bytes(((id ?? 0) << 3) | 0, 1, ((id ?? 0) << 3) | 0, 2));
  });

  it.each([
    { what: 'a text that is cut short', content: field(1, 0x2a, 100, 0x31), path: 'usage.quantity' },
    { what: 'a text that is not UTF-8', content: field(1, ...field(3, 0x41, 0xff)), path: 'usage.id' },
    { what: 'a message that is cut short', content: [0x0a, 100, 0x31], path: 'usage' },
    { what: 'a number for a text', content: field(1, 0x08, 0x05), path: 'usage.customer_id' },
    { what: 'a text for a number', content: field(2, 0x31), path: 'mode' },
    {
      what: 'a number for a name in a map',
      content: field(1, ...field(7, 0x08, 1)),
      path: 'usage.dimensions',
    },
    {
      what: 'four bytes for a number',
      content: field(1, ...field(6, 0x0d, 0, 0, 0, 0)),
      path: 'usage.time.seconds',
    },
  ])('names the field of $what', ({ content, path }) => {
    expect(() => check(bytes(...content))).toThrow(expect.objectContaining({ path }));
  });
});
