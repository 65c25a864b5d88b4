import { createHash } from 'node:crypto';
import type { KeptDeadLetter } from '#adapters';

/** Which dead letters are meant. */
export interface Selection {
  /** None: of any origin. */
  readonly origins: readonly string[];
  readonly reason: string | undefined;
}

/** Picks the selected letters out of those that pass by, each origin once, however often it was kept. */
export class Selector {
  readonly #wanted: ReadonlySet<string>;
  readonly #reason: string | undefined;
  readonly #picked = new Set<string>();

  constructor({ origins, reason }: Selection) {
    this.#wanted = new Set(origins);
    this.#reason = reason;
  }

  picks({ origin, reason }: KeptDeadLetter): boolean {
    if (this.#wanted.size > 0 && !this.#wanted.has(origin)) return false;
    if (this.#reason !== undefined && this.#reason !== reason) return false;
    if (this.#picked.has(origin)) return false;
    this.#picked.add(origin);
    return true;
  }

  /** Origins that were asked for and have not passed by. */
  get missing(): readonly string[] {
    return [...this.#wanted].filter((origin) => !this.#picked.has(origin));
  }

  /** Whether all that was asked for by name has passed by. */
  get complete(): boolean {
    return this.#wanted.size > 0 && this.#picked.size === this.#wanted.size;
  }
}

/**
 * Tells messages apart by their content. A message that was sent again and failed again is a letter of its own, with
 * an origin of its own: without this every run would send twice as many as the one before.
 */
export class SentContents {
  readonly #digests = new Set<string>();

  /** False when the same key, value and headers have been seen. */
  add({ key, value, headers }: KeptDeadLetter): boolean {
    const hash = createHash('sha256');
    const field = (bytes: Buffer | string | null): void => {
      const content = bytes === null ? null : Buffer.from(bytes);
      hash.update(content === null ? 'none;' : `${content.length};`);
      if (content) hash.update(content);
    };
    field(key);
    field(value);
    for (const [name, content] of Object.entries(headers)) {
      field(name);
      const contents = typeof content === 'string' || Buffer.isBuffer(content) ? [content] : content;
      hash.update(`${contents.length};`);
      contents.forEach(field);
    }
    const digest = hash.digest('base64');
    if (this.#digests.has(digest)) return false;
    this.#digests.add(digest);
    return true;
  }
}
