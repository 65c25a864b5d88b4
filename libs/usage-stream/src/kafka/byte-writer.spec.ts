import { describe, expect, it } from '@jest/globals';

import { ByteWriter } from './byte-writer.js';

describe('a byte writer', () => {
  it('keeps what it wrote when it grows, wherever that happens', () => {
    const writer = new ByteWriter();
    const before = writer.capacity;
    const chunk = 'x'.repeat(1000);
    let expected = 0;
    let rounds = 0;
    while (expected <= 2 * before) {
      writer.varIntBytes(chunk);
      writer.varIntBytes('ascii');
      writer.varIntBytes('ümlaut');
      writer.varInt(-1);
      expected += 2 + 1000 + 1 + 5 + 1 + 7 + 1;
      rounds += 1;
    }
    expect(writer.length).toBe(expected);
    const text = writer.view().toString();
    expect(text.split(chunk)).toHaveLength(rounds + 1);
    expect(text.split('ascii')).toHaveLength(rounds + 1);
    expect(text.split('ümlaut')).toHaveLength(rounds + 1);
  });

  it('gives back the memory of a giant, and keeps that of what is usual', () => {
    const writer = new ByteWriter();
    const usual = writer.capacity;
    writer.varIntBytes(Buffer.alloc(3 * usual));
    writer.clear();
    expect(writer.length).toBe(0);
    const kept = writer.capacity;
    expect(kept).toBeGreaterThan(3 * usual);
    writer.varIntBytes(Buffer.alloc(48 * usual));
    expect(writer.capacity).toBeGreaterThan(48 * usual);
    writer.clear();
    expect(writer.capacity).toBe(usual);
    writer.varIntBytes('x');
    expect(writer.view()).toEqual(Buffer.from([2, 'x'.charCodeAt(0)]));
  });

  it('puts a length of any size before what it measures', () => {
    for (const size of [0, 1, 63, 64, 8_191, 8_192, 1_048_575, 1_048_576]) {
      for (const guess of [1, 2, 3, 5]) {
        const writer = new ByteWriter();
        writer.int8(7);
        for (let room = 0; room < guess; room++) writer.int8(0);
        const content = Buffer.alloc(size, 'abc');
        const start = writer.length;
        writer.varIntBytes(content);
        const measured = Buffer.from(writer.view(start));
        writer.putVarIntLength(1, guess);
        const expected = new ByteWriter();
        expected.int8(7);
        expected.varIntBytes(measured);
        expect(writer.view().equals(expected.view())).toBe(true);
      }
    }
  });
});
