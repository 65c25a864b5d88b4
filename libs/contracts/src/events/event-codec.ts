import type { AccountEvent, CatalogEvent } from '#domain';
import type { z } from 'zod';
import { faultLine, faultsOf } from '../faults.js';
import { compileCanonicalReader } from './canonical-reader.js';
import { compileEventReader, UNREAD } from './json-reader.js';
import { compileEventWriter } from './json-writer.js';
import {
  accountEventSchemas,
  ledgerEventSchemas,
  type AccountEventType,
  type LedgerEvent,
  type LedgerEventType,
} from './ledger-event-schemas.js';
import { currentVersion, upcast, UPCASTERS, type UpcasterChains } from './upcasters.js';

/** An event in the form in which stores keep it. */
export interface EncodedEvent {
  readonly type: LedgerEventType;
  /** UTF-8 of its canonical JSON text: the bytes that are hashed. */
  readonly data: Uint8Array;
}

/** What is stored is not an event this program can read. A defect, never skipped. */
export class StoredEventInvalid extends Error {
  override readonly name = 'StoredEventInvalid';
}

const writers = new Map(
  Object.entries<z.core.$ZodObject>(ledgerEventSchemas).map(
    ([type, schema]) => [type, compileEventWriter(schema, currentVersion(type))] as const,
  ),
);

const readers = new Map(
  Object.entries<z.core.$ZodObject>(ledgerEventSchemas).map(
    ([type, schema]) => [type, compileEventReader(schema)] as const,
  ),
);

const canonicalReaders = new Map(
  Object.entries<z.core.$ZodObject>(ledgerEventSchemas).map(
    ([type, schema]) => [type, compileCanonicalReader(schema, currentVersion(type))] as const,
  ),
);

/**
 * Canonical bytes of an event: the same event is always the same bytes.
 * @throws Unwritable naming the path of what its schema does not describe
 */
export function encodeEvent(event: LedgerEvent): EncodedEvent {
  const write = writers.get(event.type);
  if (!write) throw new StoredEventInvalid(`no such event type: ${JSON.stringify(event.type)}`);
  return { type: event.type, data: write(event) };
}

/** @throws StoredEventInvalid naming the type, the path and the value; the caller adds stream and revision */
export function decodeEvent(type: string, data: Uint8Array, chains: UpcasterChains = UPCASTERS): LedgerEvent {
  const read = readers.get(type);
  if (!read) throw new StoredEventInvalid(`no such event type: ${JSON.stringify(type)}`);
  const canonical = chains === UPCASTERS ? canonicalReaders.get(type)?.(data) : UNREAD;
  if (canonical !== UNREAD) return canonical as LedgerEvent;
  const event = read(readMembers(type, data, chains));
  return event === UNREAD ? decodeBySchema(type as LedgerEventType, data, chains) : (event as LedgerEvent);
}

/** What the reader will not vouch for: the schema accepts it after all, or says what is wrong with it. */
function decodeBySchema(type: LedgerEventType, data: Uint8Array, chains: UpcasterChains): LedgerEvent {
  const schema: z.ZodType<LedgerEvent> = ledgerEventSchemas[type];
  const members = readMembers(type, data, chains);
  const result = schema.safeParse(members);
  if (result.success) return result.data;
  throw new StoredEventInvalid(`${type}: ${faultLine(faultsOf(result.error.issues, members))}`);
}

/** @throws StoredEventInvalid also for an event that belongs to the catalog */
export function decodeAccountEvent(type: string, data: Uint8Array): AccountEvent {
  const event = decodeEvent(type, data);
  if (isAccountEvent(event)) return event;
  throw new StoredEventInvalid(`${type} is no event of an account`);
}

/** @throws StoredEventInvalid also for an event that belongs to an account */
export function decodeCatalogEvent(type: string, data: Uint8Array): CatalogEvent {
  const event = decodeEvent(type, data);
  if (!isAccountEvent(event)) return event;
  throw new StoredEventInvalid(`${type} is no event of the catalog`);
}

export function isAccountEvent(event: LedgerEvent): event is AccountEvent {
  return isAccountEventType(event.type);
}

export function isAccountEventType(type: string): type is AccountEventType {
  return Object.hasOwn(accountEventSchemas, type);
}

function readMembers(type: string, data: Uint8Array, chains: UpcasterChains): unknown {
  try {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return parsed;
    const members = parsed as Record<string, unknown>;
    const version = members['schemaVersion'];
    delete members['schemaVersion'];
    return upcast(type, version, members, chains);
  } catch (error) {
    throw new StoredEventInvalid(`${type}: ${error instanceof Error ? error.message : 'unreadable'}`, {
      cause: error,
    });
  }
}
