import { chainHash, GENESIS_HASH, linkFault, readLink } from '#contracts';
import type { RecordedEvent } from '#event-store';
import type { Fault } from './finding.js';

/** Checks of one stream, event by event, that the revisions are contiguous and that every link holds. */
export class ChainCheck {
  #revision = -1;
  #hash = GENESIS_HASH;

  /** Of the last event; -1: there is none. */
  get revision(): number {
    return this.#revision;
  }

  /** Of the last event. */
  get hash(): string {
    return this.#hash;
  }

  check(recorded: RecordedEvent, fault: Fault): void {
    const { revision, metadata } = recorded;
    if (revision !== this.#revision + 1) {
      fault('revision', `revision ${revision} follows ${this.#revision}`);
    }
    this.#revision = revision;
    const broken = linkFault(this.#hash, recorded);
    if (broken !== undefined) fault('chain', broken);
    // Judged by its own link from here on, so that one broken event is one finding.
    this.#hash = broken === undefined ? readLink(metadata).hash : claimedHash(this.#hash, recorded);
  }
}

function claimedHash(previous: string, recorded: RecordedEvent): string {
  try {
    return readLink(recorded.metadata).hash;
  } catch {
    return chainHash(previous, recorded);
  }
}
