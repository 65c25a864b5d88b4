import type { Freshness } from '#read-side';

/**
 * A projector under load lags by seconds at most, and reads that need more wait for their `min_revision`. What has
 * waited longer tells of a read store that is being rebuilt, or whose projector was away.
 */
const FAR_MS = 30_000;

/** How far the read store is behind, by what the projector's thread told last: of itself, or of who projects. */
export class ProjectionFreshness implements Freshness {
  #heard = false;
  #sinceMs: number | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  /** When the oldest event was stored that is not projected; undefined: there is none. */
  told(sinceMs: number | undefined): void {
    this.#heard = true;
    this.#sinceMs = sinceMs;
  }

  isFarBehind(): boolean {
    return !this.#heard || this.#farSinceMs() !== undefined;
  }

  /** Rejects while what has been stored long ago is not in the read store. */
  check(): Promise<void> {
    const sinceMs = this.#farSinceMs();
    if (sinceMs === undefined) return Promise.resolve();
    const at = new Date(sinceMs).toISOString();
    return Promise.reject(new Error(`far behind: what was stored at ${at} is not in the read store yet`));
  }

  #farSinceMs(): number | undefined {
    const sinceMs = this.#sinceMs;
    return sinceMs !== undefined && this.now() - sinceMs > FAR_MS ? sinceMs : undefined;
  }
}
