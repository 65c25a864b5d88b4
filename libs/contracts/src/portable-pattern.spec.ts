import { describe, expect, it } from '@jest/globals';
import { isCustomerId } from './customer-id.js';
import { jsonSchemas } from './json-schemas.js';
import { isPlain } from './text.js';

type Schema = Readonly<Record<string, unknown>>;

function* patternsOf(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'pattern' && typeof value === 'string') yield value;
    else yield* patternsOf(value);
  }
}

function patternOf(member: 'subject' | 'id'): RegExp {
  const usage = jsonSchemas().get('usage/usage-recorded.schema.json') as {
    readonly properties: Readonly<Record<string, Schema>>;
  };
  return new RegExp(String(usage.properties[member]?.['pattern']), 'u');
}

/** Every character there is. Lone surrogates are none. */
function* characters(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++)
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
}

describe('the patterns of the published schemas', () => {
  it('say of every character, at an end and within, what the service says', () => {
    const subject = patternOf('subject');
    const id = patternOf('id');
    const differing: string[] = [];
    for (const character of characters()) {
      const within = `a${character}b`;
      if (
        subject.test(character) !== isCustomerId(character) ||
        subject.test(within) !== isCustomerId(within) ||
        id.test(character) !== isPlain(character)
      )
        differing.push(character);
    }
    expect(differing).toEqual([]);
    expect([subject.test('a '), subject.test(' a'), subject.test('')]).toEqual([false, false, false]);
  });

  it('are read by every engine: no properties of Unicode, no characters by their number beyond two digits', () => {
    for (const schema of jsonSchemas().values()) {
      for (const pattern of patternsOf(schema)) {
        expect(pattern.replaceAll(/\\(?:x[0-9a-f]{2}|d|\.)/g, '')).not.toContain('\\');
      }
    }
  });
});
