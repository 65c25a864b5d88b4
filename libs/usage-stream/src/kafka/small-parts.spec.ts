import { describe, expect, it, jest } from '@jest/globals';

import { messageBytes, splitByBytes } from './batch-splitting.js';
import { uncompressSnappy } from './codecs.js';
import { foldHeaders } from './header-decoding.js';
import { Redelivery } from './redelivery.js';

describe('splitByBytes', () => {
  const split = (sizes: number[], max: number): number[][] => splitByBytes(sizes, (size) => size, max);

  it('keeps order, fills runs up to the limit and lets the oversized travel alone', () => {
    expect(split([3, 3, 3, 3], 6)).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(split([1, 99, 1], 6)).toEqual([[1], [99], [1]]);
    expect(split([], 6)).toEqual([]);
  });

  it('counts key, value, header names and every repeated header', () => {
    const bare = messageBytes({ value: null });
    const headers = { é: [Buffer.from('ab'), 'cd'], x: 'y' };
    expect(messageBytes({ key: 'é', value: Buffer.alloc(10), headers })).toBe(
      bare + 2 + 10 + 2 * (2 + 2 + 10) + 12,
    );
  });
});

describe('foldHeaders', () => {
  const one = Buffer.from('1');
  const two = Buffer.from('2');

  it('keeps repeated headers in order', () => {
    const folded = foldHeaders(
      ['a', 'b', 'a', 'a'].map((key, index) => ({ key, value: index < 2 ? one : two })),
    );
    expect({ ...folded }).toEqual({ a: [one, two, two], b: one });
  });

  it('takes names of the language for names like any other', () => {
    const folded = foldHeaders(['constructor', '__proto__', 'toString'].map((key) => ({ key, value: one })));
    expect(Object.entries(folded)).toEqual([
      ['constructor', one],
      ['__proto__', one],
      ['toString', one],
    ]);
  });

  it('takes a null value for an empty one', () => {
    expect({ ...foldHeaders([{ key: 'a', value: null }]) }).toEqual({ a: Buffer.alloc(0) });
  });
});

describe('uncompressSnappy', () => {
  // "hello": length 5, one literal of 5 bytes.
  const block = Buffer.from([0x05, 0x10, ...Buffer.from('hello')]);

  it('reads a bare block, as librdkafka and Go clients write it', () => {
    expect(uncompressSnappy(block).toString()).toBe('hello');
  });

  it('reads the blocks of a Java stream', () => {
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    const size = Buffer.from([0, 0, 0, block.length]);
    expect(uncompressSnappy(Buffer.concat([header, size, block, size, block])).toString()).toBe('hellohello');
  });
});

describe('Redelivery', () => {
  it('pauses one partition, longer with every refusal, until it is accepted', () => {
    jest.useFakeTimers();
    const redelivery = new Redelivery({ firstMs: 100, maxMs: 300 });
    const resume = jest.fn();
    const refuse = (): number => redelivery.refused(4, 7n, new Error('store away'), () => resume);
    expect([refuse(), refuse(), refuse(), refuse()]).toEqual([100, 200, 300, 300]);
    expect(redelivery.stuck()).toEqual([{ partition: 4, offset: 7n, attempts: 4, error: 'store away' }]);
    jest.advanceTimersByTime(99);
    expect(resume).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(resume).toHaveBeenCalledTimes(1);
    expect(redelivery.accepted(4)).toBe(true);
    expect(redelivery.accepted(4)).toBe(false);
    expect(refuse()).toBe(100);
    redelivery.stop();
    jest.useRealTimers();
  });

  it('forgets what sticks in partitions that went to somebody else, and still ends their pauses', () => {
    jest.useFakeTimers();
    const redelivery = new Redelivery({ firstMs: 100, maxMs: 100 });
    const resume = jest.fn();
    redelivery.refused(1, 0n, 'x', () => resume);
    redelivery.keepOnly([2]);
    expect(redelivery.stuck()).toEqual([]);
    jest.runAllTimers();
    expect(resume).toHaveBeenCalledTimes(1);
    jest.useRealTimers();
  });
});
