import * as z from 'zod';
import { ALERT_SCHEMA_VERSION, alertSchemas } from './alerts/alert-schemas.js';
import { ledgerEventSchemas, type LedgerEventType } from './events/ledger-event-schemas.js';
import { currentVersion } from './events/upcasters.js';
import { usageEventSchema } from './usage/usage-schema.js';

/**
 * JSON Schemas (draft 2020-12) of what this service reads and writes as JSON, by path below `schemas/`. They are
 * made from the very shapes the service checks with, so that they cannot say anything else.
 */
export function jsonSchemas(): ReadonlyMap<string, unknown> {
  const schemas = new Map<string, unknown>([
    [
      'usage/usage-recorded.schema.json',
      document('urn:purser:schema:usage:usage-recorded', usageEventSchema),
    ],
  ]);
  for (const type of Object.keys(ledgerEventSchemas) as LedgerEventType[]) {
    const name = inKebabCase(type);
    const version = currentVersion(type);
    const stored = (ledgerEventSchemas[type] as z.ZodObject).safeExtend({
      schemaVersion: z.literal(version).describe('Version of this shape; see upcasters.'),
    });
    const description = ledgerEventSchemas[type].description ?? '';
    schemas.set(
      `events/${name}.schema.json`,
      document(`urn:purser:schema:events:${name}:${version}`, stored.meta({ title: type, description })),
    );
  }
  for (const [kind, schema] of Object.entries(alertSchemas)) {
    const name = inKebabCase(kind);
    schemas.set(
      `alerts/${name}.schema.json`,
      document(
        `urn:purser:schema:alerts:${name}:${ALERT_SCHEMA_VERSION}`,
        schema.meta({ title: kind, description: schema.description ?? '' }),
      ),
    );
  }
  return schemas;
}

/** `CreditsDebited` and `creditsDebited` → `credits-debited` */
function inKebabCase(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase();
}

function document(id: string, schema: z.ZodType): unknown {
  const { $schema, ...body } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, $id: id, ...body };
}
