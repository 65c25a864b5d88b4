import { CATALOG_STREAM, decodeCatalogEvent, readLink } from '#contracts';
import { evolveCatalog, initialCatalog, type Catalog, type CatalogEvent } from '#domain';
import type { EventStore, RecordedEvent } from '#event-store';
import { EMPTY_STREAM, seal, type StreamHead } from './chain.js';
import { corrupt } from './journal-corrupt.js';

/**
 * The catalog as this process knows it: small, folded in memory, and read on from the stream when asked.
 * Published plan versions never change, so a catalog that lags can lack a plan but never has a wrong one.
 */
export class LiveCatalog {
  #catalog: Catalog = initialCatalog;
  #head: StreamHead = EMPTY_STREAM;
  #refreshing: Promise<Catalog> | undefined;
  #askedAtMs = -Infinity;

  /** @param monotonicMs a clock that never steps back, in milliseconds; handed in by specs */
  constructor(
    private readonly store: EventStore,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  get current(): Catalog {
    return this.#catalog;
  }

  /** Revision of the last catalog event known here; -1 when there is none. */
  get revision(): number {
    return this.#head.revision;
  }

  /**
   * Reads what was appended since. Calls made meanwhile share the work of the next read.
   * @throws JournalCorrupt
   */
  async refresh(): Promise<Catalog> {
    // A read already under way may have passed the end of the stream before the caller's event was appended.
    if (this.#refreshing) await this.#refreshing.catch(() => undefined);
    this.#askedAtMs = this.monotonicMs();
    this.#refreshing ??= this.#readOn().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /**
   * The catalog as known, at once; where the stream has not been asked for `maxAgeMs`, it is read on behind the
   * caller's back, for those who come next. A store that is away makes the catalog old and nobody wait, and is
   * asked no more often than one that answers.
   */
  currentWithin(maxAgeMs: number): Catalog {
    if (!this.#refreshing && this.monotonicMs() - this.#askedAtMs >= maxAgeMs) {
      this.refresh().catch(() => undefined);
    }
    return this.#catalog;
  }

  /**
   * Appends to the catalog's stream at exactly the revision known here.
   * @throws WrongExpectedRevision another process was quicker: refresh and decide again
   */
  async append(events: readonly CatalogEvent[]): Promise<void> {
    const { sealed } = seal(CATALOG_STREAM, this.#head, events);
    await this.store.append(CATALOG_STREAM, this.#head.revision, sealed);
    await this.refresh();
  }

  async #readOn(): Promise<Catalog> {
    for await (const batch of this.store.readStream(CATALOG_STREAM, { from: this.#head.revision + 1 })) {
      for (const recorded of batch) {
        if (recorded.revision <= this.#head.revision) continue;
        this.#follow(recorded);
      }
    }
    return this.#catalog;
  }

  /** @throws JournalCorrupt */
  #follow(recorded: RecordedEvent): void {
    const { revision, type, data, metadata } = recorded;
    try {
      const { hash } = readLink(metadata);
      this.#catalog = evolveCatalog(this.#catalog, decodeCatalogEvent(type, data));
      this.#head = { revision, hash };
    } catch (error) {
      throw corrupt(recorded, error);
    }
  }
}
