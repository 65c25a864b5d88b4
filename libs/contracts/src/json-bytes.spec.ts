import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonBytes } from './json-bytes.js';

type Piece = readonly ['text' | 'json' | 'raw', string];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: 5_000, max: 20_000 }).map((length) => 'ü'.repeat(length)),
);
const anyPiece: fc.Arbitrary<Piece> = fc.tuple(fc.constantFrom('text', 'json', 'raw'), anyText);

function write(bytes: JsonBytes, pieces: readonly Piece[]): string {
  bytes.restart();
  for (const [kind, text] of pieces) {
    if (kind === 'text') bytes.text(text);
    else if (kind === 'json') bytes.json(JSON.stringify(text));
    else bytes.raw(Buffer.from(JSON.stringify(text)));
    bytes.ascii(44);
  }
  expect(Buffer.compare(bytes.view(), bytes.take())).toBe(0);
  return bytes.take().toString();
}

describe('a JSON text that is being written', () => {
  it('is what JSON.stringify makes of its pieces, however many and large, one text after the other', () => {
    const bytes = new JsonBytes();
    fc.assert(
      fc.property(fc.array(anyPiece), (pieces) => {
        expect(write(bytes, pieces)).toBe(pieces.map(([, text]) => `${JSON.stringify(text)},`).join(''));
      }),
      { numRuns: 200 },
    );
  });

  it('escapes every single code unit as JSON.stringify does, lone surrogates included', () => {
    const bytes = new JsonBytes();
    const different: number[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      if (write(bytes, [['text', text]]) !== `${JSON.stringify(text)},`) different.push(code);
    }
    expect(different).toEqual([]);
  });

  it('is given away as a copy', () => {
    const bytes = new JsonBytes();
    bytes.text('first');
    const first = bytes.take();
    bytes.restart();
    bytes.text('other');
    expect(first.toString()).toBe('"first"');
    expect(bytes.take().toString()).toBe('"other"');
  });
});
