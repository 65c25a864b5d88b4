/** Everything that JSON may write as it is: no control character, quote, backslash or surrogate. */
const NEEDS_ESCAPE = /[^ !#-[\]-\u{d7ff}\u{e000}-\u{ffff}]/u;

/** What `JSON.stringify` makes of a text, at less than half its price for the texts that need no escape. */
export function jsonString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}
