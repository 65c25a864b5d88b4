/** One character, or all from one to another. */
type Characters = number | readonly [first: number, last: number];

/** Unicode's Cc: control characters. */
export const CONTROLS: readonly Characters[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
];

/** Unicode's Cf: what is not seen and changes how its neighbours are shown. */
export const FORMATS: readonly Characters[] = [
  ...[0xad, 0x61c, 0x6dd, 0x70f, 0x8e2, 0x180e, 0xfeff, 0x110bd, 0x110cd, 0xe0001],
  ...([
    [0x600, 0x605],
    [0x890, 0x891],
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x2064],
    [0x2066, 0x206f],
    [0xfff9, 0xfffb],
    [0x13430, 0x1343f],
    [0x1bca0, 0x1bca3],
    [0x1d173, 0x1d17a],
    [0xe0020, 0xe007f],
  ] as const),
];

/** Unicode's Zl and Zp. */
export const LINE_SEPARATORS: readonly Characters[] = [[0x2028, 0x2029]];

/** Unicode's Z: spaces of every kind. */
export const SEPARATORS: readonly Characters[] = [
  ...[0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000],
  ...([[0x2000, 0x200a]] as const),
  ...LINE_SEPARATORS,
];

const LAST_OF_LATIN_1 = 0xff;

/**
 * A class of all other characters as every engine of regular expressions reads it: hardly any two write a property of
 * Unicode alike, or a character by its number. Lone surrogates are none; most languages cannot even hold them.
 */
export function noneOf(...sets: readonly (readonly Characters[])[]): string {
  const parts = sets
    .flat()
    .map((characters) =>
      typeof characters === 'number' ? written(characters) : characters.map(written).join('-'),
    );
  return `[^${parts.join('')}]`;
}

function written(character: number): string {
  return character > LAST_OF_LATIN_1
    ? String.fromCodePoint(character)
    : `\\x${character.toString(16).padStart(2, '0')}`;
}
