import type { KeptDeadLetter } from '#adapters';
import { printable, type Column } from '../output/rows.js';

const DETAIL_CHARACTERS = 100;
const EXCERPT_BYTES = 120;

/** What a person sees of a dead letter; all of it came from outside, so nothing is shown as it stands. */
export const COLUMNS: readonly Column<KeptDeadLetter>[] = [
  { title: 'kept at', width: 24, text: keptAt },
  { title: 'origin', width: 24, text: ({ origin }) => printable(origin) },
  { title: 'reason', width: 18, text: ({ reason }) => printable(reason) },
  { title: 'key', width: 16, text: ({ key }) => (key === null ? '' : clipped(shown(key), 60)) },
  { title: 'bytes', width: 8, align: 'right', text: ({ value }) => String(value?.length ?? 0) },
  { title: 'detail', width: 40, text: ({ detail }) => clipped(printable(detail), DETAIL_CHARACTERS) },
  { title: 'excerpt', width: 40, text: excerpt },
];

/** All of it but the message, of which there is the beginning. */
export function json(letter: KeptDeadLetter): string {
  const { origin, reason, detail, key, value, headers } = letter;
  return JSON.stringify({
    keptAt: keptAt(letter),
    origin: printable(origin),
    reason: printable(reason),
    detail: printable(detail),
    // A key that is no plain text has to be given exactly in another way.
    key: key === null ? null : shown(key),
    ...(key !== null && !Buffer.from(shown(key)).equals(key) && { keyBase64: key.toString('base64') }),
    bytes: value?.length ?? null,
    headers: Object.keys(headers).length,
    excerpt: excerpt(letter),
  });
}

function keptAt({ keptAtMs }: KeptDeadLetter): string {
  return new Date(keptAtMs).toISOString();
}

/** The beginning of the message, without what could steer a terminal. */
function excerpt({ value }: KeptDeadLetter): string {
  if (value === null) return '';
  const beginning = shown(value.subarray(0, EXCERPT_BYTES));
  return value.length > EXCERPT_BYTES ? `${beginning}…` : beginning;
}

function shown(bytes: Buffer): string {
  return printable(bytes.toString());
}

function clipped(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`;
}
