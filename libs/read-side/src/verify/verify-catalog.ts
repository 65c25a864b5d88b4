import { CATALOG_STREAM, decodeCatalogEvent } from '#contracts';
import { foldCatalog, initialCatalog, type Catalog, type CatalogEvent } from '#domain';
import { pastDamage, type EventStore, type Position } from '#event-store';
import { CatalogBook } from './catalog-book.js';
import { ChainCheck } from './chain-check.js';
import { decodedOrFault } from './decoded-or-fault.js';
import type { Fault, Finding } from './finding.js';
import { Findings } from './findings.js';

/** What the catalog's stream came to under examination. */
export interface CatalogVerification {
  readonly events: number;
  /** The first of them, at most `MAX_FINDINGS`. */
  readonly findings: readonly Finding[];
  /** How many there were in all. */
  readonly findingCount: number;
  /** Where what is damaged stands; each was a finding. */
  readonly damagedAt: readonly Position[];
  /** Undefined: it cannot be read, or not folded. */
  readonly catalog: Catalog | undefined;
}

/** Examines the catalog's one stream: its chain, that it can be read, and that it keeps its own rules. */
export async function verifyCatalog(store: EventStore): Promise<CatalogVerification> {
  const findings = new Findings();
  const chain = new ChainCheck();
  const book = new CatalogBook();
  const readable: CatalogEvent[] = [];
  const damagedAt: Position[] = [];
  let events = 0;
  const batches = pastDamage(
    (damaged) => store.readStream(CATALOG_STREAM, { from: damaged ? damaged.revision + 1 : 0 }),
    ({ revision, position, why }) => {
      damagedAt.push(position);
      findings.add(revision, 'unreadable', why);
    },
  );
  for await (const batch of batches) {
    events += batch.length;
    for (const recorded of batch) {
      const fault: Fault = (check, message) => findings.add(recorded.revision, check, message);
      chain.check(recorded, fault);
      const event = decodedOrFault(recorded, decodeCatalogEvent, fault);
      if (!event) continue;
      readable.push(event);
      book.book(event, fault);
    }
  }
  // What the book finds says why, where it cannot be folded.
  const catalog = readable.length === chain.revision + 1 ? folded(readable) : undefined;
  return { events, findings: findings.kept, findingCount: findings.count, damagedAt, catalog };
}

function folded(events: readonly CatalogEvent[]): Catalog | undefined {
  try {
    return foldCatalog(initialCatalog, events);
  } catch {
    return undefined;
  }
}
