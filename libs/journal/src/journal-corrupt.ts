import type { RecordedEvent } from '#event-store';

/** What is stored cannot be what this ledger wrote: stop, and let an auditor look. */
export class JournalCorrupt extends Error {
  override readonly name = 'JournalCorrupt';
}

/** The error to throw instead of one that came out of an event. */
export function corrupt(
  { stream, revision, type }: Pick<RecordedEvent, 'stream' | 'revision' | 'type'>,
  error: unknown,
): JournalCorrupt {
  const why = error instanceof Error ? error.message : String(error);
  return new JournalCorrupt(`${stream} revision ${revision} (${type}): ${why}`, { cause: error });
}
