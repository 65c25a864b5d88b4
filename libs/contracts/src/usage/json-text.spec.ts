import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { literalAt, parseJsonText } from './json-text.js';

describe('parsing a JSON text', () => {
  it('gives what JSON.parse gives, for texts without a duplicate', () => {
    const value = fc.jsonValue({ maxDepth: 5 }).filter((some) => !JSON.stringify(some).includes('__proto__'));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (some, indent) => {
        const text = JSON.stringify(some, null, indent);
        expect(parseJsonText(text)).toEqual({ value: JSON.parse(text) as unknown });
      }),
      { numRuns: 500 },
    );
  });

  it('finds a duplicate wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.jsonValue({ maxDepth: 1 }),
        fc.jsonValue({ maxDepth: 1 }),
        (name, one, two) => {
          fc.pre(![name, one, two].some((part) => JSON.stringify(part).includes('__proto__')));
          const member = JSON.stringify(name);
          const text = `{"list":[{"a":"{\\":\\\\"},{${member}:${JSON.stringify(one)}, ${member} :${JSON.stringify(two)}}]}`;
          expect(parseJsonText(text)).toEqual({
            fault: expect.stringContaining('duplicate member'),
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('names the path of the member, no longer than can be read', () => {
    const fault = (text: string) => parseJsonText(text);
    expect(fault('{"a":[{"b":1,"c":2,"b":3}],"a":4}')).toEqual({ fault: 'duplicate member "a.0.b"' });
    expect(fault('{"a":{"b":1},"a":{"b":1}}')).toEqual({ fault: 'duplicate member "a"' });
    const long = 'k'.repeat(200);
    expect(fault(`{"${long}":1,"${long}":2}`)).toEqual({ fault: `duplicate member "${'k'.repeat(100)}"` });
    expect(fault(`{"${long}1":1,"${long}2":2}`)).toMatchObject({ value: {} });
  });

  it('finds a duplicate beside a very long name as soon as beside short ones', () => {
    // The best of some: the machine may be busy with something else.
    const timed = (text: string): number => {
      const times = Array.from({ length: 5 }, () => {
        const begun = performance.now();
        expect(parseJsonText(text)).toEqual({ fault: 'duplicate member "y"' });
        return performance.now() - begun;
      });
      return Math.min(...times);
    };
    const elements = (count: number) => Array.from({ length: count }, () => '1').join(',');
    const short = `{"${'k'.repeat(10)}":[${elements(10_500)}],"y":1,"y":1}`;
    const long = `{"${'k'.repeat(17_000)}":[${elements(2_000)}],"y":1,"y":1}`;
    expect(timed(long)).toBeLessThan(20 * timed(short));
  });

  it('takes the same name in different objects for what it is', () => {
    expect(parseJsonText('[{"a":1},{"a":2,"b":{"a":3}}]')).toEqual({
      value: [{ a: 1 }, { a: 2, b: { a: 3 } }],
    });
  });
});

describe('the literal at a path', () => {
  it.each([
    ['{"data":{"quantity":1e3}}', '1e3'],
    ['{"quantity":5,"data":{"quantity": 9007199254740993 }}', '9007199254740993'],
    ['{"data":{"note":"\\"quantity\\":7","quantity":3.0}}', '3.0'],
    ['{"data":{"other":"quantity","quantity":-0}}', '-0'],
    ['{"data":{"quantit\\u0079":4}}', '4'],
    ['{"data":{"list":[],"more":[[1],{"quantity":9}],"quantity":2}}', '2'],
  ])('is what is written in %s', (text, written) => {
    expect(literalAt(text, ['data', 'quantity'])).toBe(written);
  });

  it('is undefined where there is none', () => {
    expect(literalAt('{"data":{}}', ['data', 'quantity'])).toBeUndefined();
  });
});
