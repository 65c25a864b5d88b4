import type { Check, Finding } from './finding.js';

/** One broken event may break every one after it: what is kept is bounded. */
export const MAX_FINDINGS = 100;

/** What an examination found. */
export class Findings {
  readonly #kept: Finding[] = [];
  #count = 0;

  add(revision: number, check: Check, message: string): void {
    this.#count += 1;
    if (this.#kept.length < MAX_FINDINGS) this.#kept.push({ revision, check, message });
  }

  /** The first of them, at most `MAX_FINDINGS`. */
  get kept(): readonly Finding[] {
    return this.#kept;
  }

  /** How many there were in all. */
  get count(): number {
    return this.#count;
  }
}
