import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { encodeEvent } from './events/event-codec.js';
import { anyEvent, LEDGER_EVENT_TYPES } from './events/testing/event-arbitrary.js';
import { protoDirectory } from './grpc/proto-files.js';
import { jsonSchemas } from './json-schemas.js';

const schemas = jsonSchemas();
const folder = join(protoDirectory(), '..');

describe('the published JSON Schemas', () => {
  it('are those of the shapes that are checked with; if not, run `npm run generate`', () => {
    const there = ['usage', 'events', 'alerts'].flatMap((kind) =>
      readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`),
    );
    expect(there.sort()).toEqual([...schemas.keys()].sort());
    for (const [file, schema] of schemas) {
      expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toEqual(schema);
    }
  });

  it.each(LEDGER_EVENT_TYPES)('accept what is stored as %s, and nothing that lacks a member', (type) => {
    const schema = [...schemas.values()].find((some) => (some as { title?: string }).title === type);
    const check = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
    fc.assert(
      fc.property(anyEvent(type), (event) => {
        const stored = JSON.parse(Buffer.from(encodeEvent(event).data).toString('utf8')) as Record<
          string,
          unknown
        >;
        expect(check.safeParse(stored).error).toBeUndefined();
        expect(check.safeParse({ ...stored, cause: undefined }).success).toBe(false);
        expect(check.safeParse({ ...stored, extra: 1 }).success).toBe(false);
      }),
      { numRuns: 10 },
    );
  });
});
