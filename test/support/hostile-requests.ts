import protobuf from 'protobufjs';
import { protoDirectory, protoFiles } from '#contracts';
import type { Random } from './random.js';

/** What a request's fields are filled with where they are meant to make sense. */
export interface RequestWorld {
  readonly random: Random;
  readonly customers: readonly string[];
  readonly creditSystem: string;
  readonly plans: readonly string[];
  readonly features: readonly string[];
  readonly nowMs: number;
}

/** One call as `/purser.v1.Service/Method` describes it. */
export interface Rpc {
  readonly path: string;
  readonly requests: protobuf.Type;
  readonly streamsIn: boolean;
  readonly streamsOut: boolean;
}

/** Every call of the package, out of the proto files themselves: one that is added is attacked as well. */
export function everyRpc(): readonly Rpc[] {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) =>
    target.startsWith('google/') ? target : target.startsWith('/') ? target : `${protoDirectory()}/${target}`;
  root.loadSync(protoFiles()).resolveAll();
  const services = root.lookup('purser.v1') as protobuf.Namespace;
  return services.nestedArray
    .filter((nested): nested is protobuf.Service => nested instanceof protobuf.Service)
    .flatMap((service) =>
      service.methodsArray.map((method) => ({
        path: `/purser.v1.${service.name}/${method.name}`,
        requests: root.lookupType(`purser.v1.${method.requestType}`),
        streamsIn: method.requestStream ?? false,
        streamsOut: method.responseStream ?? false,
      })),
    );
}

const STRINGS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\u202e',
    '\ufeff',
    '\ud800',
    '\udfff\ud800',
    '🜚',
    'ſ',
    'İ',
    '../../../etc/passwd',
    '%00',
    '$all',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    "' OR 1=1 --",
    '{"a":1}',
    '<script>',
    '\r\nx: y',
    '-',
    '/',
  ],
  ...['x'.repeat(255), 'x'.repeat(257), 'x'.repeat(1025), 'ü'.repeat(5000), '9'.repeat(5000)],
  ...['🜚'.repeat(150), '🜚'.repeat(256), '🜚'.repeat(257)],
];
const NUMBERS = [
  ...['0', '1', '2.5', '10', '100', '0.000001', '999999999999999999', '999999999999999999.999999999999'],
  ...[
    '0.0000000000001',
    '1000000000000000000',
    '-1',
    '-0',
    'NaN',
    'Infinity',
    '1e3',
    '1,5',
    '.5',
    '5.',
    '00',
    '0x1',
    '١',
  ],
];
const INTEGERS = [0, 1, 2, 3, 7, 50, 100, 1000, 1001, -1, -2, 2 ** 31 - 1, -(2 ** 31)];
const LONGS = [...INTEGERS, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 62, -(2 ** 63)];
/** Fields that many callers leave out; the others are there, as a rule. */
const SOMETIMES =
  /^(expires|effective|starts)|^(planVersion|asOf|after|afterPosition|from|to|at|fromRevision|minRevision|priority|features|types|filter|dimensions|unitSingular|unitPlural|description|pageSize|pageToken|dailyCap|monthlyCap|failureReason|rollover|recurring|minQuantity|maxQuantity|scale|lateUsageGraceMs|percentTax|taxPercent|flatFee|lastUnit|mandatoryPurchase)$/i;
const DURATIONS = ['P3M', 'P1D', 'PT1H', 'P0D', 'P999999999Y', '-P1D', 'P', 'P1.5M', 'PT9999999999999H'];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Apia',
  'Mars/Olympus',
  '+99:00',
  'utc\u0000',
];
const CURRENCIES = ['USD', 'JPY', 'KWD', 'usd', 'XXX', 'US', ''];

/** A seeded source of requests that a generated client can send and nobody sane would. */
export class HostileRequests {
  #keys = 0;
  /** Share of fields that make no sense, and of those that are left out, in the request at hand. */
  #wildness = 0;
  #sparseness = 0;

  constructor(private readonly world: RequestWorld) {}

  /** A message of the type as bytes: valid protocol buffers, whatever it says. */
  of(type: protobuf.Type): Buffer {
    this.#wildness = this.world.random.pick([0, 0, 0, 0.05, 0.15]);
    this.#sparseness = this.world.random.pick([0.3, 0.6, 0.9]);
    return Buffer.from(type.encode(type.create(this.#fields(type, 0))).finish());
  }

  /** Bytes that are no message, or only begin like one. */
  garbage(type: protobuf.Type): Buffer {
    const { random } = this.world;
    const bytes = this.of(type);
    switch (random.below(4)) {
      case 0:
        return Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)));
      case 1:
        return bytes.subarray(0, random.below(bytes.length + 1));
      case 2:
        return Buffer.concat([
          bytes,
          Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ]);
      default:
        for (let flips = 0; flips < 4 && bytes.length > 0; flips++)
          bytes[random.below(bytes.length)] = random.below(256);
        return bytes;
    }
  }

  #fields(type: protobuf.Type, depth: number): Record<string, unknown> {
    if (type.fullName === '.google.protobuf.Timestamp') return this.#timestamp();
    const { random } = this.world;
    const fields: Record<string, unknown> = {};
    // A hold is of credits or of a feature: both at once are refused, and most callers know.
    const pair = random.pick([
      ['creditSystem', 'amount'],
      ['feature', 'quantity'],
    ]);
    const left = new Set(type.name === 'PlaceHoldRequest' && random.next() < 0.9 ? pair : []);
    for (const field of type.fieldsArray) {
      if (random.next() < (SOMETIMES.test(field.name) ? this.#sparseness : this.#wildness)) continue;
      if (left.has(field.name)) continue;
      field.resolve();
      if (field instanceof protobuf.MapField) {
        const names = Array.from({ length: random.below(4) }, () => this.#text('name'));
        fields[field.name] = Object.fromEntries(names.map((name) => [name, this.#value(field, depth)]));
      } else if (field.repeated) {
        fields[field.name] = Array.from({ length: this.#length(depth) }, () => this.#value(field, depth));
      } else fields[field.name] = this.#value(field, depth);
    }
    return fields;
  }

  /** Now and then more than any list may have. */
  #length(depth: number): number {
    const { random } = this.world;
    return depth === 0 && random.next() < 0.02 ? 1_001 + random.below(500) : random.below(4);
  }

  #value(field: protobuf.Field, depth: number): unknown {
    const { random } = this.world;
    const { resolvedType } = field;
    if (resolvedType instanceof protobuf.Enum) {
      return random.next() < 0.1
        ? random.pick([99, -1, 2 ** 31 - 1])
        : random.pick(Object.values(resolvedType.values));
    }
    if (resolvedType instanceof protobuf.Type)
      return depth > 6 ? null : this.#fields(resolvedType, depth + 1);
    switch (field.type) {
      case 'bool':
        return random.next() < 0.5;
      case 'string':
        return this.#text(field.name);
      case 'int64':
      case 'uint64':
        // A revision that never comes is waited for: now and then is enough.
        if (/revision/i.test(field.name) && random.next() < 0.97) return random.below(2);
        return random.next() >= this.#wildness ? random.below(4) : random.pick(LONGS);
      case 'int32':
      case 'uint32':
        return random.next() >= this.#wildness ? 1 + random.below(3) : random.pick(INTEGERS);
      case 'bytes':
        return Buffer.from(Array.from({ length: random.below(50) }, () => random.below(256)));
      default:
        throw new TypeError(`a field of type ${field.type} is attacked by nobody yet: ${field.fullName}`);
    }
  }

  #timestamp(): Record<string, unknown> {
    const { random, nowMs } = this.world;
    const seconds = Math.floor(nowMs / 1000);
    if (random.next() < 0.8)
      return { seconds: seconds + random.below(400_000) - 300_000, nanos: random.below(1e9) };
    return {
      seconds: random.pick([
        0,
        -1,
        253_402_300_799,
        253_402_300_800,
        -62_135_596_800,
        -62_135_596_801,
        ...LONGS,
      ]),
      nanos: random.pick([0, 999_999_999, 1_000_000_000, -1, 2 ** 31 - 1]),
    };
  }

  /** By the field's name something that fits; now and then something that fits nowhere. */
  #text(name: string): string {
    const { random, customers, creditSystem, plans, features } = this.world;
    if (random.next() < this.#wildness) return random.pick(STRINGS);
    if (/customer/i.test(name)) return random.pick(customers);
    if (name === 'idempotencyKey') return `key-${random.next() < 0.9 ? ++this.#keys : random.below(20)}`;
    if (/plan/i.test(name)) return random.next() < 0.8 ? random.pick(plans) : `plan-${random.below(6)}`;
    if (/creditSystem|^key$/.test(name))
      return random.next() < 0.9 ? creditSystem : `credits-${random.below(6)}`;
    if (/feature/i.test(name)) return random.pick(features);
    if (name === 'subscriptionId') return random.next() < 0.7 ? 'demo-start' : `sub-${random.below(4)}`;
    if (name === 'grantId') return `promotion/key-${random.below(this.#keys + 1)}`;
    if (name === 'requestId') return `auto-top-up/${creditSystem}/${1 + random.below(3)}`;
    if (name === 'transactionId') return String(random.below(20));
    if (name === 'pageToken') return random.next() < 0.8 ? '' : 'bm8gdG9rZW4';
    if (
      /quantity|amount|cost|price|percent|threshold|target|cap|unit$|size|fee|allowance|firstUnit|lastUnit/i.test(
        name,
      )
    ) {
      return random.next() < 0.7 ? String(1 + random.below(50)) : random.pick(NUMBERS);
    }
    if (/zone/i.test(name)) return random.pick(ZONES);
    if (/currency/i.test(name)) return random.pick(CURRENCIES);
    if (/after|duration/i.test(name)) return random.pick(DURATIONS);
    // Of a usage event and of its reversal alike.
    return `${name.replace(/^usage(?=[A-Z])/, '').toLowerCase()}-${random.below(8)}`;
  }
}
