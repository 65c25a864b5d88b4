/**
 * Senders choose ids, and a JavaScript string holds what a database does not: PostgreSQL refuses U+0000, and
 * UTF-8 has no lone surrogates (SQLite would store two different ones as the same U+FFFD). Both are escaped with
 * U+0001, so that every text comes back as it was and different texts stay different. Ids without surrogates
 * keep their order.
 */
/* eslint-disable no-control-regex -- control characters are what this is about */
const ESCAPE = '\u0001';
const MAY_NEED_ESCAPE = /[\u0000\u0001\ud800-\udfff]/;
// With the flag u, a pair of surrogates is one character outside the range: only lone ones match.
const NEEDS_ESCAPE = /[\u0000\u0001\ud800-\udfff]/gu;
const ESCAPED = /\u0001([\u0001\u0002]|\u0003([0-9a-f]{4}))/g;

export function toStorableText(text: string): string {
  if (!MAY_NEED_ESCAPE.test(text)) return text;
  return text.replace(NEEDS_ESCAPE, (character) => {
    if (character === '\u0000') return `${ESCAPE}\u0001`;
    if (character === ESCAPE) return `${ESCAPE}\u0002`;
    return `${ESCAPE}\u0003${character.charCodeAt(0).toString(16)}`;
  });
}

export function fromStorableText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored;
  return stored.replace(ESCAPED, (_, code: string, surrogate: string | undefined) => {
    if (surrogate !== undefined) return String.fromCharCode(parseInt(surrogate, 16));
    return code === '\u0001' ? '\u0000' : ESCAPE;
  });
}
