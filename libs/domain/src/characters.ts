const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/**
 * How many characters a text has: its Unicode code points, as JSON Schema, zod and nearly every other language count them.
 * JavaScript's own length counts an emoji twice.
 */
export function characterCount(text: string): number {
  return text.length - (text.match(PAIR)?.length ?? 0);
}

/** Whether a text has more than so many characters. Nearly all texts are short, and need no counting. */
export function isLongerThan(text: string, characters: number): boolean {
  if (text.length <= characters) return false;
  return text.length > 2 * characters || characterCount(text) > characters;
}
