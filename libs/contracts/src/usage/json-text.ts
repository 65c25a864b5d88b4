import { QUOTE, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT } from '../json-marks.js';

/**
 * What JSON.parse does not tell: a member that is named twice (the last one silently wins), and the digits of
 * a number before it was rounded to a double.
 */

/** A usage event needs three levels. */
const MAX_DEPTH = 8;

/** Of the path of a member that is named twice. */
const SHOWN_CHARACTERS = 100;

const BACKSLASH = 92;

export type ParsedJson = { readonly value: unknown } | { readonly fault: string };

/** Parses a JSON text that may be hostile; refuses deep nesting before anything is built. */
export function parseJsonText(text: string): ParsedJson {
  const members = countWrittenMembers(text);
  if (members === undefined) return { fault: `JSON nested deeper than ${MAX_DEPTH} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: `not JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}` };
  }
  const kept = countKeptMembers(value);
  if (kept === undefined) return { fault: 'a member is named "__proto__"' };
  if (kept !== members) return { fault: `duplicate member ${duplicateMember(text) ?? ''}` };
  return { value };
}

/** How many members all objects of a JSON text name together; undefined when nested too deep. */
function countWrittenMembers(text: string): number | undefined {
  const escapes = text.includes('\\');
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at, escapes);
      if (at < 0) return members;
    } else if (code === COLON) members++;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > MAX_DEPTH) return undefined;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--;
  }
  return members;
}

/** Place of the quote that closes the string opened at `start`; -1 when there is none. */
function endOfString(text: string, start: number, escapes: boolean): number {
  let at = text.indexOf('"', start + 1);
  if (!escapes) return at;
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** How many members JSON.parse kept; undefined when one of them is `__proto__`. */
function countKeptMembers(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value as unknown[]) {
      const inner = countKeptMembers(element);
      if (inner === undefined) return undefined;
      members += inner;
    }
    return members;
  }
  for (const name of Object.keys(value)) {
    if (name === '__proto__') return undefined;
    const inner = countKeptMembers((value as Record<string, unknown>)[name]);
    if (inner === undefined) return undefined;
    members += 1 + inner;
  }
  return members;
}

/** The path of the first member that its object names twice, quoted. */
function duplicateMember(text: string): string | undefined {
  let duplicate: string | undefined;
  walkJson(text, ({ path, again }) => {
    if (again) duplicate = JSON.stringify(path.join('.').slice(0, SHOWN_CHARACTERS));
    return again;
  });
  return duplicate;
}

/** The characters that stand at a path of a valid JSON text: `1e3`, not 1000. */
export function literalAt(text: string, path: readonly string[]): string | undefined {
  const name = path.at(-1);
  const only = name === undefined ? undefined : onlyMember(text, name);
  if (only !== undefined) return only;
  let literal: string | undefined;
  walkJson(text, (at) => {
    const found = at.path.length === path.length && at.path.every((part, index) => part === path[index]);
    if (found) literal = at.written;
    return found;
  });
  return literal;
}

/** Short cut: where the name stands once and nothing is escaped, there is only one member it can be. */
function onlyMember(text: string, name: string): string | undefined {
  const quoted = `"${name}"`;
  const at = text.indexOf(quoted);
  if (at < 0 || text.includes(quoted, at + 1) || text.includes('\\')) return undefined;
  const literal = /\s*:\s*(-?[\d.eE+-]{1,64})\s*[,}]/y;
  literal.lastIndex = at + quoted.length;
  return literal.exec(text)?.[1];
}

/** A member or element, as written. */
interface Written {
  /** Each part cut to so many characters as are shown. */
  readonly path: readonly string[];
  readonly written: string;
  /** Whether its object had a member of this name before. */
  readonly again: boolean;
}

/** Visits members and elements of a valid JSON text until the visitor answers true. Not for the hot path. */
function walkJson(text: string, visit: (at: Written) => boolean): void {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  const next = () => token.exec(text)?.[0] ?? '';
  const value = (path: readonly string[], again: boolean): boolean => {
    const start = next();
    const from = token.lastIndex - start.length;
    if (start === '{') {
      // Of this object alone: what is hashed of a long text is its length, so texts that each had the whole path in
      // them would all have to be compared with one another.
      const names = new Set<string>();
      for (let quoted = next(); quoted !== '}'; quoted = next()) {
        if (quoted === ',') continue;
        next();
        const name = String(JSON.parse(quoted));
        if (value([...path, name.slice(0, SHOWN_CHARACTERS)], names.has(name))) return true;
        names.add(name);
      }
    } else if (start === '[') {
      const unread = token.lastIndex;
      if (next() !== ']') {
        token.lastIndex = unread;
        let index = 0;
        do if (value([...path, String(index++)], false)) return true;
        while (next() === ',');
      }
    }
    return visit({ path, written: text.slice(from, token.lastIndex), again });
  };
  value([], false);
}
