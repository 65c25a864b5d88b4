import type { Amount, Fault, Instant } from '#domain';

/** One metered event as a producer reported it, checked and in the domain's types. */
export interface Usage {
  readonly customerId: string;
  /** (`source`, `id`) identifies the event within the customer, for ever. */
  readonly source: string;
  readonly id: string;
  readonly feature: string;
  /** Units of the feature, not negative. */
  readonly quantity: Amount;
  /** When it happened, by the producer's clock. */
  readonly time: Instant;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Why a message is no usage event: the `purser-reason` of its dead letter. Published, so never renamed. */
export type MalformedReason =
  /** No value, or nothing in it. */
  | 'malformed-empty'
  /** Value and headers together exceed `MAX_MESSAGE_BYTES`. */
  | 'malformed-too-large'
  /** Bytes that are not UTF-8. */
  | 'malformed-encoding'
  /** A content type other than CloudEvents JSON (structured) or JSON (binary), or a batch of events. */
  | 'malformed-content-type'
  /** Not JSON, nested too deep, a member named twice, or a member named `__proto__`. */
  | 'malformed-json'
  /** A field is missing, unknown, of the wrong type or outside its limits. */
  | 'malformed-field'
  /** The message key names another customer than the event's subject. */
  | 'malformed-key'
  /** Usage is never negative; what was wrong is reversed. */
  | 'negative-quantity';

/** A message that is no usage event. */
export interface MalformedUsage {
  readonly malformed: MalformedReason;
  /** For a person: names the field and the value. */
  readonly detail: string;
  /** Every fault by path, where the message could be read that far. */
  readonly faults: readonly Fault[];
}

export type UsageDecoding = { readonly ok: Usage } | MalformedUsage;

export function malformed(
  reason: MalformedReason,
  detail: string,
  faults: readonly Fault[] = [],
): MalformedUsage {
  return { malformed: reason, detail, faults };
}
