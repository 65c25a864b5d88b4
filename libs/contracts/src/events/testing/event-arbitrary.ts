import { Amount, instantFromMs } from '#domain';
import fc from 'fast-check';
import type { z } from 'zod';
import { ledgerEventSchemas, type LedgerEvent, type LedgerEventType } from '../ledger-event-schemas.js';
import { storedAmount } from '../stored-values.js';

/** Any event of a type that its schema allows, made of the domain's values. */
export function anyEvent(type: LedgerEventType): fc.Arbitrary<LedgerEvent> {
  return arbitraryOf(ledgerEventSchemas[type]) as fc.Arbitrary<LedgerEvent>;
}

export const LEDGER_EVENT_TYPES = Object.keys(ledgerEventSchemas) as readonly LedgerEventType[];

const LIMIT = 10n ** 30n - 1n;
const anyAmount = fc.oneof(
  fc.bigInt({ min: -LIMIT, max: LIMIT }).map((units) => Amount.ofUnits(units)),
  fc.integer({ min: 0, max: 1_000_000 }).map((whole) => Amount.parse(String(whole))),
);
const anyInstant = fc
  .integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) })
  .map((ms) => instantFromMs(ms));
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\u0000\n\u001f\u007f', 'ü', '\u2028', '🜚', '__proto__', '</script>'),
);

function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def === storedAmount._zod.def) return anyAmount;
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- only the kinds that stored events are made of
  switch (def.type) {
    case 'string':
      return anyText;
    case 'pipe':
      return anyInstant;
    case 'number':
      return fc.maxSafeInteger();
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'nullable':
      return fc.option(arbitraryOf(def.innerType));
    case 'optional':
      return arbitraryOf(def.innerType);
    case 'array':
      return fc.array(arbitraryOf(def.element), { maxLength: 4 });
    case 'record':
      return fc.dictionary(
        anyText.filter((name) => name !== '__proto__'),
        arbitraryOf(def.valueType),
        { noNullPrototype: true },
      );
    case 'union':
      return fc.oneof(...def.options.map(arbitraryOf));
    case 'object': {
      const shape = def.shape;
      const members = Object.fromEntries(
        Object.entries(shape).map(([name, member]) => [name, arbitraryOf(member)]),
      );
      const requiredKeys = Object.keys(shape).filter((name) => shape[name]?._zod.optin !== 'optional');
      return fc.record(members, { requiredKeys, noNullPrototype: true });
    }
    default:
      throw new TypeError(`no arbitrary for a schema of type ${def.type}`);
  }
}
