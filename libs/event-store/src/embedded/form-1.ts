import type { Database } from 'better-sqlite3';
import { packed } from './packed-append.js';
import { uuidText } from './uuid-bytes.js';

/**
 * Files of form 1 had a row per event:
 *
 *     events (position INTEGER PRIMARY KEY AUTOINCREMENT, stream, revision, id, type, data, metadata, stored_at)
 *
 * Each of them becomes an append of one event, where it stands, so that every position and revision that somebody
 * remembers stays true. Within a transaction; `appends` is there and empty.
 */
export function moveEventsIntoAppends(db: Database): void {
  db.function('packed', (id: Buffer, type: string, data: Buffer, metadata: Buffer) =>
    packed([{ id: uuidText(id), type, data, metadata }]),
  );
  db.exec(`
    INSERT INTO appends (position, stream, revision, events, stored_at, blob)
      SELECT position, stream, revision, 1, stored_at, packed(id, type, data, metadata) FROM events ORDER BY position;
    -- The positions that were given stay given.
    DELETE FROM sqlite_sequence WHERE name = 'appends';
    UPDATE sqlite_sequence SET name = 'appends' WHERE name = 'events';
    DROP TABLE events;
  `);
}
