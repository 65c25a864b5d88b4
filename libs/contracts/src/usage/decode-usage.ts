import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { faultLine, faultsOf } from '../faults.js';
import { quoteValue } from '../text.js';
import { literalAt, parseJsonText } from './json-text.js';
import { malformed, type MalformedUsage, type UsageDecoding } from './usage.js';
import { readUsageBytes } from './usage-bytes.js';
import { readPlainUsage } from './usage-reader.js';
import { usageEventSchema } from './usage-schema.js';

type HeaderValue = Buffer | string | readonly (Buffer | string)[] | undefined;

/** A message of the usage topic as the broker gave it; nothing in it is trusted. */
export interface UsageEnvelope {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, HeaderValue>>;
}

/** Value, key and headers of one message together. The largest valid event is far smaller. */
export const MAX_MESSAGE_BYTES = 65_536;

const STRUCTURED = /^application\/cloudevents\+json\s*(?:;\s*charset=utf-8\s*)?$/i;
const JSON_CONTENT = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=utf-8\s*)?$/i;
/** As nearly everybody writes it. */
const PLAIN_STRUCTURED = 'application/cloudevents+json';
const LAST_ASCII = 127;
const ATTRIBUTE_HEADER = 'ce_';

/**
 * Reads one usage message: CloudEvents 1.0 in structured JSON mode, or in Kafka's binary mode (`ce_` headers).
 * The content type decides between them; without one, `ce_specversion` does. Never throws: whatever is in the
 * message, the answer is either usage that is safe to hand on, or what is wrong with it.
 *
 * The subject says whose credits are used. A key that names somebody else is a contradiction about who pays,
 * and the event stands in a partition where the order of this customer's events is not kept: refused. A
 * message without a key contradicts nothing and is read.
 */
export function decodeUsage(message: UsageEnvelope): UsageDecoding {
  if (sizeOf(message) > MAX_MESSAGE_BYTES) {
    return malformed(
      'malformed-too-large',
      `message of ${sizeOf(message)} bytes exceeds ${MAX_MESSAGE_BYTES}`,
    );
  }
  const { key, value, headers } = message;
  if (value === null || value.length === 0) return malformed('malformed-empty', 'the message has no value');
  if (!isUtf8(value)) return malformed('malformed-encoding', 'the value is not UTF-8');
  const plain = isPlainlyStructured(headers) ? readUsageBytes(value) : undefined;
  if (plain !== undefined) return checkKey(key, plain.customerId) ?? { ok: plain };
  const contentType = headerText(headers, 'content-type');
  if (typeof contentType === 'object') return contentType;
  const binary = isBinaryMode(contentType, headers);
  const wrongType = checkContentType(contentType, binary);
  if (wrongType) return wrongType;

  // JSON.parse refuses a byte order mark; toString keeps it.
  const text = value.toString('utf8');
  const parsed = parseJsonText(text);
  if ('fault' in parsed) return malformed('malformed-json', parsed.fault);
  if (Array.isArray(parsed.value)) {
    return malformed('malformed-content-type', 'a list of events: send one event per message');
  }
  const candidate = binary ? withAttributes(parsed.value, headers) : { event: parsed.value };
  if ('malformed' in candidate) return candidate;
  const decoded = readUsage(candidate.event);
  if ('malformed' in decoded) return decoded;
  return (
    checkQuantityLiteral(text, binary ? parsed.value : dataOf(parsed.value), binary ? [] : ['data']) ??
    checkKey(key, decoded.ok.customerId) ??
    decoded
  );
}

/**
 * Checks a CloudEvents envelope that has been parsed already (a gRPC request is put into this shape as well, so
 * that both roads have one set of rules).
 */
export function readUsage(event: unknown): UsageDecoding {
  const plain = readPlainUsage(event);
  if (plain !== undefined) return { ok: plain };
  const result = usageEventSchema.safeParse(event);
  if (!result.success) return malformedFields(result.error.issues, event);
  const { subject, source, id, time, data } = result.data;
  return {
    ok: {
      customerId: subject,
      source,
      id,
      feature: data.feature,
      quantity: data.quantity,
      time,
      dimensions: data.dimensions ?? {},
    },
  };
}

function malformedFields(issues: readonly z.core.$ZodIssue[], event: unknown): MalformedUsage {
  const faults = faultsOf(issues, event);
  const onlyNegative = issues.every(
    (issue) => issue.code === 'custom' && issue.params?.['negative'] === true,
  );
  return malformed(onlyNegative ? 'negative-quantity' : 'malformed-field', faultLine(faults), faults);
}

/** JSON.parse has rounded a number already: what was written must be the very integer. */
function checkQuantityLiteral(
  text: string,
  data: unknown,
  path: readonly string[],
): MalformedUsage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const quantity = 'quantity' in data ? data.quantity : undefined;
  if (typeof quantity !== 'number') return undefined;
  const written = literalAt(text, [...path, 'quantity']) ?? '';
  if (
    /^-?\d{1,16}(?:\.0{1,12})?$/.test(written) &&
    BigInt(written.split('.', 1)[0] ?? '') === BigInt(quantity)
  ) {
    return undefined;
  }
  const fault = {
    path: [...path, 'quantity'].join('.'),
    message: `a JSON number must be written as an integer up to 2^53, got ${written.slice(0, 64)}; send a decimal string`,
  };
  return malformed('malformed-field', faultLine([fault]), [fault]);
}

function checkKey(key: Buffer | null, customerId: string): MalformedUsage | undefined {
  if (key === null || key.length === 0) return undefined;
  if (isAscii(key, customerId)) return undefined;
  // Bytes that are not UTF-8 become U+FFFD and so never equal a customer id that has none; compare the bytes.
  if (key.length === Buffer.byteLength(customerId) && key.toString('utf8') === customerId) return undefined;
  return malformed(
    'malformed-key',
    `the message key ${quoteValue(key.toString('utf8'))} is not the subject ${quoteValue(customerId)}`,
  );
}

function dataOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'data' in event ? event.data : undefined;
}

/** Whether the bytes are this text, every character of which is one of ASCII. */
function isAscii(bytes: Uint8Array, text: string): boolean {
  if (bytes.length !== text.length) return false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > LAST_ASCII || byte !== text.charCodeAt(at)) return false;
  }
  return true;
}

/** Whether the headers say in the usual way, or let it be, that the value is the whole event. */
function isPlainlyStructured(headers: UsageEnvelope['headers']): boolean {
  const contentType = headers['content-type'];
  if (contentType === undefined) return headers['ce_specversion'] === undefined;
  return Buffer.isBuffer(contentType) && isAscii(contentType, PLAIN_STRUCTURED);
}

function isBinaryMode(contentType: string | undefined, headers: UsageEnvelope['headers']): boolean {
  if (contentType !== undefined && /^application\/cloudevents/i.test(contentType)) return false;
  return headers['ce_specversion'] !== undefined;
}

function checkContentType(contentType: string | undefined, binary: boolean): MalformedUsage | undefined {
  // Producers that set no content type, or plain JSON, still send one event as JSON.
  if (contentType === undefined || JSON_CONTENT.test(contentType)) {
    if (contentType === undefined || !/^application\/cloudevents/i.test(contentType)) return undefined;
  }
  if (!binary && STRUCTURED.test(contentType)) return undefined;
  const wanted = binary ? 'application/json' : 'application/cloudevents+json (one event, UTF-8)';
  return malformed(
    'malformed-content-type',
    `content-type: must be ${wanted}, got ${quoteValue(contentType)}`,
  );
}

/** Binary mode: the attributes come as headers, the value is `data` alone. */
function withAttributes(
  data: unknown,
  headers: UsageEnvelope['headers'],
): { readonly event: unknown } | MalformedUsage {
  const event: Record<string, unknown> = { data };
  for (const name of Object.keys(headers)) {
    if (!name.startsWith(ATTRIBUTE_HEADER)) continue;
    const attribute = name.slice(ATTRIBUTE_HEADER.length);
    // CloudEvents attribute names are lower-case letters and digits; anything else is nobody's attribute.
    if (!/^[a-z0-9]{1,64}$/.test(attribute) || attribute === 'data') continue;
    const text = headerText(headers, name);
    if (typeof text === 'object') return text;
    if (text !== undefined) event[attribute] = text;
  }
  return { event };
}

function headerText(headers: UsageEnvelope['headers'], name: string): string | undefined | MalformedUsage {
  const value = headers[name];
  if (value === undefined || typeof value === 'string') return value;
  if (!Buffer.isBuffer(value)) {
    return malformed(
      'malformed-field',
      `header ${quoteValue(name)} is given ${(value as readonly unknown[]).length} times`,
    );
  }
  if (!isUtf8(value)) return malformed('malformed-encoding', `header ${quoteValue(name)} is not UTF-8`);
  return value.toString('utf8');
}

function sizeOf({ key, value, headers }: UsageEnvelope): number {
  let size = (value?.length ?? 0) + (key?.length ?? 0);
  for (const name in headers) {
    const header = headers[name];
    size += name.length;
    if (header === undefined) continue;
    if (Array.isArray(header)) for (const each of header as readonly (Buffer | string)[]) size += each.length;
    else size += (header as Buffer | string).length;
  }
  return size;
}
