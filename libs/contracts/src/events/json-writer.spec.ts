import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { z } from 'zod';
import { compileEventWriter } from './json-writer.js';
import { ledgerEventSchemas } from './ledger-event-schemas.js';
import { anyEvent, LEDGER_EVENT_TYPES } from './testing/event-arbitrary.js';

type Members = Readonly<Record<string, unknown>>;

/** The canonical text, put together in the plainest way: by JSON.stringify, but members in the schema's order. */
function plainText(schema: z.core.$ZodType, value: unknown): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (value === null) return 'null';
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- what holds no other value is written as it is
  switch (def.type) {
    case 'nullable':
    case 'optional':
      return plainText(def.innerType, value);
    case 'array':
      return `[${(value as unknown[]).map((element) => plainText(def.element, element)).join(',')}]`;
    case 'record': {
      const names = Object.keys(value as object).sort();
      const members = names.map(
        (name) => `${JSON.stringify(name)}:${plainText(def.valueType, (value as Members)[name])}`,
      );
      return `{${members.join(',')}}`;
    }
    case 'union': {
      const kind = (value as Members)[(def as z.core.$ZodDiscriminatedUnionDef).discriminator];
      const option = def.options.find(({ _zod }) =>
        Object.values(_zod.propValues ?? {}).some((values) => values.has(kind as string)),
      );
      if (option === undefined) throw new Error('no such kind');
      return plainText(option, value);
    }
    case 'object': {
      const members = Object.entries(def.shape)
        .filter(([name]) => (value as Members)[name] !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}:${plainText(member, (value as Members)[name])}`);
      return `{${members.join(',')}}`;
    }
    default:
      return JSON.stringify(value);
  }
}

describe.each(LEDGER_EVENT_TYPES)('the writer of %s', (type) => {
  const schema: z.core.$ZodObject = ledgerEventSchemas[type];
  const write = compileEventWriter(schema, 7);

  it('writes the bytes of the canonical text', () => {
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        const members = plainText(schema, event).slice(0, -1);
        expect(Buffer.from(write(event)).toString()).toBe(`${members},"schemaVersion":7}`);
      }),
      { numRuns: 60 },
    );
  });
});
