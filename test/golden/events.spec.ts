import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { currentVersion, decodeEvent, encodeEvent, ledgerEventSchemas } from '#contracts';

const folder = join(import.meta.dirname, 'events');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** `CreditsGranted.top-up.json` holds a CreditsGranted. */
const typeOf = (file: string) => file.slice(0, file.indexOf('.'));

/** What was stored; in the file it is spread over lines for people. */
const bytesOf = (file: string) => JSON.stringify(JSON.parse(readFileSync(join(folder, file), 'utf8')));

function isCurrent(file: string): boolean {
  const { schemaVersion } = JSON.parse(bytesOf(file)) as { schemaVersion: number };
  return schemaVersion === currentVersion(typeOf(file));
}

/**
 * Events as ledgers have stored them. A file here is never edited and never removed: what was written once must
 * be read for ever. A new shape of an event is a new file beside the old one.
 */
describe('stored events', () => {
  it.each(files)('%s is still read', (file) => {
    expect(decodeEvent(typeOf(file), Buffer.from(bytesOf(file))).type).toBe(typeOf(file));
  });

  it.each(files.filter(isCurrent))('%s is written with the same bytes', (file) => {
    const event = decodeEvent(typeOf(file), Buffer.from(bytesOf(file)));
    expect(Buffer.from(encodeEvent(event).data).toString('utf8')).toBe(bytesOf(file));
  });

  it('have an example of every type in its present version', () => {
    expect([...new Set(files.filter(isCurrent).map(typeOf))].sort()).toEqual(
      Object.keys(ledgerEventSchemas).sort(),
    );
  });
});
