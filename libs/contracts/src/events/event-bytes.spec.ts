import { describe, expect, it } from '@jest/globals';
import { EventBytes } from './event-bytes.js';

const reading = (text: string): EventBytes => {
  const bytes = new EventBytes();
  bytes.restart(Buffer.from(text));
  return bytes;
};

describe('the bytes of an event', () => {
  it('are passed by where what is asked for stands there, and else not', () => {
    const bytes = reading('{"a":"x","b":-7}');
    expect(bytes.has(Buffer.from('{"b":'))).toBe(false);
    expect(bytes.has(Buffer.from('{"a":'))).toBe(true);
    expect(bytes.hasText('')).toBe(false);
    expect(bytes.hasText('y')).toBe(false);
    expect(bytes.hasText('x"')).toBe(false);
    expect(bytes.integer()).toBeUndefined();
    expect(bytes.hasText('x')).toBe(true);
    expect(bytes.text()).toBeUndefined();
    expect(bytes.skipTo(1)).toBe(false);
    expect(bytes.skipTo(58)).toBe(true);
    expect(bytes.hasByte(44)).toBe(false);
    expect(bytes.hasByte(58)).toBe(true);
    expect(bytes.integer()).toBe(-7);
    expect(bytes.atEnd).toBe(false);
    expect(bytes.has(Buffer.from('}}'))).toBe(false);
    expect(bytes.endsWith(Buffer.from('}'))).toBe(true);
    expect(bytes.endsWith(Buffer.from('{{"a":"x","b":-7}'))).toBe(false);
    expect(bytes.has(Buffer.from('}'))).toBe(true);
    expect(bytes.atEnd).toBe(true);
  });

  it('know whether a text is of ASCII alone', () => {
    const bytes = reading('"ü""u"');
    expect([bytes.text(), bytes.ascii]).toEqual(['ü', false]);
    expect([bytes.text(), bytes.ascii]).toEqual(['u', true]);
  });

  it('are no more once they are let go of', () => {
    const bytes = reading('"a"');
    bytes.release();
    expect(bytes.text()).toBeUndefined();
    expect(bytes.atEnd).toBe(true);
  });
});
