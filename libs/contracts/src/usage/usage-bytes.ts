import { EventBytes } from '../events/event-bytes.js';
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT } from '../json-marks.js';
import { LatestTexts } from '../latest-texts.js';
import { PLAIN_DATA_TYPE, plainTime, plainUsage } from './usage-reader.js';
import { USAGE_EVENT_TYPE } from './usage-schema.js';
import type { Usage } from './usage.js';

/**
 * The usage in an envelope as producers usually write it, or undefined: then the text is to be parsed, which takes every
 * other spelling as well and says what is wrong with the rest. Says yes to nothing that is refused then, and gives what
 * is given then. Usually no text has an escape, and there is no member twice and none that is not read here.
 *
 * @param value UTF-8
 */
export function readUsageBytes(value: Uint8Array): Usage | undefined {
  bytes.restart(value);
  const isRead = readEnvelope() && bytes.atEnd;
  bytes.release();
  if (!isRead) return undefined;
  const { specversion, type, subject, source, id, data } = envelope;
  const time = plainTime(envelope.time.value);
  if (!specversion.value || !type.value || !data.value || time === undefined) return undefined;
  return plainUsage(
    {
      customerId: subject.value,
      source: source.value,
      id: id.value,
      feature: content.feature.value,
      quantity: content.quantity.value,
      dimensions: content.dimensions.value ?? {},
    },
    time,
  );
}

/** Reading waits for nothing, so one is enough for all. */
const bytes = new EventBytes();

const latest = new LatestTexts();

/** A member of an object, and its value in the latest one. */
interface Member<T = unknown> {
  /** Reads the value that stands here; undefined for one that it does not vouch for. */
  readonly read: () => T | undefined;
  value: T | undefined;
}

function member<T>(read: Member<T>['read']): Member<T> {
  return { read, value: undefined };
}

function text(): string | undefined {
  return bytes.text(latest);
}

function uniqueText(): string | undefined {
  return bytes.text();
}

/** A number is read only where it is the very integer that is written. */
function quantity(): string | undefined {
  return bytes.text() ?? bytes.integer()?.toString();
}

function literal(only: string): () => true | undefined {
  return () => bytes.hasText(only) || undefined;
}

function dimensions(): Readonly<Record<string, string>> | undefined {
  const members: Record<string, string> = {};
  if (!bytes.hasMark(OPEN_OBJECT)) return undefined;
  if (bytes.hasMark(CLOSE_OBJECT)) return members;
  do {
    const name = bytes.text(latest);
    // Named twice, or with a meaning of its own in JavaScript.
    if (name === undefined || name in members || !bytes.hasMark(COLON)) return undefined;
    const value = bytes.text(latest);
    if (value === undefined) return undefined;
    members[name] = value;
  } while (bytes.hasMark(COMMA));
  return bytes.hasMark(CLOSE_OBJECT) ? members : undefined;
}

const content = { feature: member(text), quantity: member(quantity), dimensions: member(dimensions) };
const readContent = objectReader(content);

const envelope = {
  specversion: member(literal('1.0')),
  id: member(uniqueText),
  source: member(text),
  type: member(literal(USAGE_EVENT_TYPE)),
  subject: member(text),
  time: member(uniqueText),
  datacontenttype: member(literal(PLAIN_DATA_TYPE)),
  data: member(() => readContent() || undefined),
};
const readEnvelope = objectReader(envelope);

/** Reads objects that have no other members than these, each once at most, in any order: a producer keeps to one. */
function objectReader(members: Readonly<Record<string, Member>>): () => boolean {
  const named = Object.entries(members).map(([name, of]) => ({ name, of }));
  return () => {
    for (const { of } of named) of.value = undefined;
    if (!bytes.hasMark(OPEN_OBJECT)) return false;
    for (let place = 0; ; place++) {
      let next = named[place];
      if (next === undefined) return false;
      if (!bytes.hasText(next.name)) {
        const found = named.findIndex(({ name }, index) => index > place && bytes.hasText(name));
        const other = named[found];
        if (other === undefined) return false;
        named[found] = next;
        named[place] = other;
        next = other;
      }
      if (!bytes.hasMark(COLON)) return false;
      next.of.value = next.of.read();
      if (next.of.value === undefined) return false;
      if (!bytes.hasMark(COMMA)) return bytes.hasMark(CLOSE_OBJECT);
    }
  };
}
