import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs';
import { bytesField, MAP_ENTRY, numberField } from '#wire';
import { notUtf8, wrongWireType } from './malformed-message.js';
import type { Timestamp, UsageEvent, UsageMode } from './messages.js';
import { lengthWithin, within } from './within.js';

/**
 * The usage events of one `RecordUsageStreamRequest`, as the bytes they came in. Thousands of events wait at a time for
 * their account's turn; read at once, each would be a dozen objects that the garbage collector carries along until then.
 */
export class SentUsages {
  readonly #reader: protobuf.Reader;
  /** Of each event, where it stands, its length first, and where its customer is named (0: nowhere). */
  readonly #places: Uint32Array;

  /**
   * Looks through a message without reading its events.
   * @throws MalformedMessage | RangeError | Error when the bytes are no message of this type
   */
  constructor(bytes: Uint8Array) {
    const reader = protobuf.Reader.create(bytes);
    const places: number[] = [];
    let mode = 0;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === USAGES) {
        const place = reader.pos;
        const customer = within(reader, 'usages', customerPlace);
        places.push(place, customer);
      } else if (tag === MODE) mode = reader.int32();
      else passBy(reader, tag, REQUEST_FIELDS);
    }
    this.#reader = reader;
    this.#places = Uint32Array.from(places);
    this.mode = MODES[mode] ?? (mode as unknown as UsageMode);
  }

  /** As the loader delivers it: the number of a mode that this version of the contract does not know. */
  readonly mode: UsageMode;

  get count(): number {
    return this.#places.length / PLACES;
  }

  /** Whose usage it is. */
  customerId(at: number): string {
    const place = this.#place(at, CUSTOMER);
    if (place === 0) return '';
    this.#reader.pos = place;
    return this.#reader.string();
  }

  /**
   * Reads one of the events; what proto-loader would deliver.
   * @throws MalformedMessage | RangeError | Error when its bytes are no usage event
   */
  read(at: number): UsageEvent {
    const reader = this.#reader;
    reader.pos = this.#place(at, EVENT);
    return within(reader, 'usages', readUsageEvent);
  }

  #place(at: number, which: number): number {
    const place = this.#places[at * PLACES + which];
    if (place === undefined) throw new RangeError(`there is no usage ${at} in a message of ${this.count}`);
    return place;
  }
}

const PLACES = 2;
const EVENT = 0;
const CUSTOMER = 1;

const WIRE_TYPE = 7;
const FIELD_NUMBER = 3;

// Of `RecordUsageStreamRequest`, `UsageEvent` and `Timestamp`: looked up, they would cost every process the reading of all
// proto files at its start. A field keeps its number for ever.
const USAGES = bytesField(1);
const MODE = numberField(2);
const MODES = ['METERED', 'SYNCHRONOUS'] as const satisfies UsageMode[];

const CUSTOMER_ID = bytesField(1);
const SOURCE = bytesField(2);
const ID = bytesField(3);
const FEATURE = bytesField(4);
const QUANTITY = bytesField(5);
const TIME = bytesField(6);
const DIMENSIONS = bytesField(7);

const SECONDS = numberField(1);
const NANOS = numberField(2);

/** An entry of a map is a message of two fields. */
const ENTRY_NAME = bytesField(MAP_ENTRY.key);
const ENTRY_VALUE = bytesField(MAP_ENTRY.value);

/** The names of the fields, by their numbers, for what stands there as another kind of value. */
const REQUEST_FIELDS = ['', 'usages', 'mode'];
const EVENT_FIELDS = ['', 'customer_id', 'source', 'id', 'feature', 'quantity', 'time', 'dimensions'];
const TIME_FIELDS = ['', 'time.seconds', 'time.nanos'];
const ENTRY_FIELDS = ['', 'dimensions', 'dimensions'];

/**
 * Passes by an event; gives where its customer is named. As for every field, the last time counts. Of bytes that are no
 * event it is nobody: the events beside them are read, and reading this one says why.
 */
function customerPlace(reader: protobuf.Reader): number {
  let place = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === CUSTOMER_ID) place = reader.pos;
      reader.skipType(tag & WIRE_TYPE);
    }
    return place;
  } catch {
    reader.pos = reader.len;
    return 0;
  }
}

/** A field that the contract does not have is for a later version of it. */
function passBy(reader: protobuf.Reader, tag: number, known: readonly string[]): void {
  const name = known[tag >>> FIELD_NUMBER];
  if (name) throw wrongWireType(name, tag & WIRE_TYPE);
  reader.skipType(tag & WIRE_TYPE);
}

function readText(reader: protobuf.Reader, name: string): string {
  const place = reader.pos;
  const length = lengthWithin(reader, name);
  reader.pos = place;
  const text = reader.string();
  if (text.includes(REPLACEMENT) && !isUtf8(reader.buf.subarray(reader.pos - length, reader.pos)))
    throw notUtf8(name);
  return text;
}

/** What the library puts in place of bytes that are no character; it may have been sent as well. */
const REPLACEMENT = '\ufffd';

function readUsageEvent(reader: protobuf.Reader): UsageEvent {
  let customerId = '';
  let source = '';
  let id = '';
  let feature = '';
  let quantity = '';
  let time: Timestamp | null = null;
  const dimensions: Record<string, string> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === CUSTOMER_ID) customerId = readText(reader, 'customer_id');
    else if (tag === SOURCE) source = readText(reader, 'source');
    else if (tag === ID) id = readText(reader, 'id');
    else if (tag === FEATURE) feature = readText(reader, 'feature');
    else if (tag === QUANTITY) quantity = readText(reader, 'quantity');
    else if (tag === TIME) time = within(reader, 'time', readTimestamp);
    else if (tag === DIMENSIONS) {
      const { name, value } = within(reader, 'dimensions', readEntry);
      // Else it would not become a member, but be what the object inherits from.
      if (name === '__proto__') Object.defineProperty(dimensions, name, { ...MEMBER, value });
      else dimensions[name] = value;
    } else passBy(reader, tag, EVENT_FIELDS);
  }
  return { customerId, source, id, feature, quantity, time, dimensions };
}

function readTimestamp(reader: protobuf.Reader): Timestamp {
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === SECONDS) seconds = readInteger(reader);
    else if (tag === NANOS) nanos = reader.int32();
    else passBy(reader, tag, TIME_FIELDS);
  }
  return { seconds, nanos };
}

function readEntry(reader: protobuf.Reader): { readonly name: string; readonly value: string } {
  let name = '';
  let value = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ENTRY_NAME) name = readText(reader, 'dimensions');
    else if (tag === ENTRY_VALUE) value = readText(reader, 'dimensions');
    else passBy(reader, tag, ENTRY_FIELDS);
  }
  return { name, value };
}

const MEMBER = { configurable: true, enumerable: true, writable: true };

/** An `int64`, for which the library has a class of its own where that is installed. */
function readInteger(reader: protobuf.Reader): number {
  const value = reader.int64() as unknown as number | { toNumber(): number };
  return typeof value === 'number' ? value : value.toNumber();
}
