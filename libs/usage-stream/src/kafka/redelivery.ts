import type { StuckPartition } from '../port.js';

export interface RedeliveryPause {
  readonly firstMs: number;
  /** The pause doubles with every refusal in a row, up to this. */
  readonly maxMs: number;
}

/** Pauses partitions whose batch was refused, each for itself, so that the others go on meanwhile. */
export class Redelivery {
  readonly #stuck = new Map<number, StuckPartition>();
  readonly #resumes = new Map<NodeJS.Timeout, () => void>();

  constructor(private readonly pause: RedeliveryPause) {}

  /**
   * @param pausePartition pauses the partition and answers how to resume it
   * @returns the pause in milliseconds
   */
  refused(partition: number, offset: bigint, error: unknown, pausePartition: () => () => void): number {
    const attempts = (this.#stuck.get(partition)?.attempts ?? 0) + 1;
    const text = error instanceof Error ? error.message : String(error);
    this.#stuck.set(partition, { partition, offset, attempts, error: text });
    const pauseMs = Math.min(this.pause.firstMs * 2 ** Math.min(attempts - 1, 30), this.pause.maxMs);
    const resume = pausePartition();
    const timer = setTimeout(() => {
      this.#resumes.delete(timer);
      resume();
    }, pauseMs);
    this.#resumes.set(timer, resume);
    return pauseMs;
  }

  /** @returns true when the partition was stuck until now */
  accepted(partition: number): boolean {
    return this.#stuck.delete(partition);
  }

  /** Forgets partitions that are no longer this consumer's business. Their pauses still end: they may come back. */
  keepOnly(partitions: readonly number[]): void {
    for (const partition of this.#stuck.keys())
      if (!partitions.includes(partition)) this.#stuck.delete(partition);
  }

  stuck(): readonly StuckPartition[] {
    return [...this.#stuck.values()].sort((a, b) => a.partition - b.partition);
  }

  stop(): void {
    for (const timer of this.#resumes.keys()) clearTimeout(timer);
    this.#resumes.clear();
  }
}
