import { hash } from 'node:crypto';

/** A value that JSON can say. Amounts and instants go in as their canonical texts. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/**
 * 32 hex digits of the SHA-256 over a canonical JSON text: what tells the same id with the same content from
 * the same id with other content. Members are sorted by name and undefined ones left out, so that neither the
 * order of fields nor an explicit "not given" makes a difference. Fingerprints are stored for ever: the
 * canonical form never changes.
 */
export function fingerprintOf(content: JsonValue): string {
  return hash('sha256', JSON.stringify(canonical(content)), 'hex').slice(0, 32);
}

function canonical(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return ['list', ...value.map(canonical)];
  // Pairs, not an object: an object would move names that look like integers to the front.
  return [
    'members',
    ...Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name): JsonValue => [name, canonical(value[name] ?? null)]),
  ];
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
