import {
  fromTimestamp,
  isCustomerId,
  isPlain,
  MAX_CUSTOMER_ID_LENGTH,
  MAX_ID_LENGTH,
  type rpc,
} from '#contracts';
import {
  Amount,
  characterCount,
  instantFromMs,
  isDuration,
  isLongerThan,
  type Fault,
  type Instant,
} from '#domain';
import { digits } from './digits.js';
import { malformedRequest } from './refused.js';

/** Longest free text (a reason, an actor, a reference) and longest name (a key, a feature), in characters. */
const MAX_TEXT = 1_024;
const MAX_NAME = MAX_ID_LENGTH;

/**
 * Reads the fields of a request into the domain's types and collects what is wrong with any of them, so that the
 * sender is told everything at once. A field that is wrong reads as a harmless value; `done` throws before it is used.
 */
export class RequestFields {
  readonly #faults: Fault[] = [];

  /** What is wrong so far, for whoever has more to say about the same request. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** @throws Refused (INVALID_ARGUMENT) naming every field that is wrong, with its value */
  done(): void {
    if (this.#faults.length > 0) throw malformedRequest(this.#faults);
  }

  fault(path: string, message: string): void {
    this.#faults.push({ path, message });
  }

  customerId(value: string | undefined): string {
    if (!value || !isCustomerId(value)) {
      const rule = `must be 1 to ${MAX_CUSTOMER_ID_LENGTH} printable characters without a space at either end`;
      this.fault('customer_id', `${rule}, got ${show(value)}`);
    }
    return value ?? '';
  }

  key(value: string | undefined, path = 'idempotency_key'): string {
    return this.name(value, path);
  }

  /** A required key, id or name. */
  name(value: string | undefined, path: string): string {
    if (!value) this.fault(path, 'is missing');
    else this.#bounded(value, path, MAX_NAME);
    return value ?? '';
  }

  /** A key, id or name that may be left out. */
  optionalName(value: string | undefined, path: string): string | undefined {
    return value ? this.name(value, path) : undefined;
  }

  /** A required text for people. */
  text(value: string | undefined, path: string): string {
    if (!value) this.fault(path, 'is missing');
    else this.#bounded(value, path, MAX_TEXT);
    return value ?? '';
  }

  optionalText(value: string | undefined, path: string): string | undefined {
    return value ? this.text(value, path) : undefined;
  }

  /** A decimal string, not negative. */
  amount(value: string | undefined, path: string): Amount {
    if (!value) {
      this.fault(path, 'is missing');
      return Amount.zero;
    }
    if (!Amount.isValid(value)) {
      this.fault(
        path,
        `must be a decimal like "12.5" with at most 18 digits before the point and 12 after, got ${show(value)}`,
      );
      return Amount.zero;
    }
    const amount = Amount.parse(value);
    if (amount.isNegative) this.fault(path, `must not be negative, got ${show(value)}`);
    return amount;
  }

  optionalAmount(value: string | undefined, path: string): Amount | undefined {
    return value ? this.amount(value, path) : undefined;
  }

  instant(value: rpc.Timestamp | null | undefined, path: string): Instant {
    const instant = this.optionalInstant(value, path);
    if (!value) this.fault(path, 'is missing');
    return instant ?? instantFromMs(0);
  }

  optionalInstant(value: rpc.Timestamp | null | undefined, path: string): Instant | undefined {
    if (!value) return undefined;
    try {
      return fromTimestamp(value);
    } catch {
      this.fault(path, noInstant(value));
      return undefined;
    }
  }

  /** An ISO 8601 calendar duration: "P3M". */
  optionalDuration(value: string | undefined, path: string): string | undefined {
    if (!value) return undefined;
    if (!isDuration(value))
      this.fault(path, `must be an ISO 8601 duration like "P3M" of at most 1000 years, got ${show(value)}`);
    return value;
  }

  /** One of several names of an enum; `UNSPECIFIED` values are not among them. */
  oneOf<T>(value: string | undefined, path: string, meanings: Readonly<Record<string, T>>): T | undefined {
    const meaning = value !== undefined && Object.hasOwn(meanings, value) ? meanings[value] : undefined;
    if (meaning === undefined) {
      this.fault(path, `must be one of ${Object.keys(meanings).join(', ')}, got ${show(value)}`);
    }
    return meaning;
  }

  #bounded(value: string, path: string, max: number): void {
    if (isLongerThan(value, max))
      this.fault(path, `must be at most ${max} characters, got ${characterCount(value)}`);
    else if (!isPlain(value)) this.fault(path, `must not contain control characters, got ${show(value)}`);
  }
}

/** What is wrong with a Timestamp that is no instant. */
export function noInstant({ seconds, nanos }: rpc.Timestamp): string {
  return `must lie in the years 0001 to 9999 with nanos from 0 to 999999999, got ${digits(seconds)} s ${nanos} ns`;
}

function show(value: string | undefined): string {
  const text = JSON.stringify(value ?? '');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
