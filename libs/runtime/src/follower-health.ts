/** What the thread of a follower (the projector, the streams out) tells of how it stands. */
export type FollowerMessage =
  | {
      readonly kind: 'state';
      readonly state: 'active' | 'standby' | 'unready' | 'superseded';
      readonly reason?: string;
      /** Of one that stands by: since when the oldest event has waited for the other one. */
      readonly behindSinceMs?: number | undefined;
    }
  | { readonly kind: 'behind'; readonly sinceMs: number };

export interface FollowerParts {
  readonly log: (state: string, reason?: string) => void;
  /** Where it is shown since when the oldest event has waited. */
  readonly behind: (sinceMs: number | undefined) => void;
  readonly now?: () => number;
}

/** One that has got nothing done for so long, though something waits, is stuck. */
const STUCK_MS = 10_000;

/** Keeps what a follower's thread told last, for readiness. */
export class FollowerHealth {
  #away: string | undefined = 'starting';
  #sinceMs: number | undefined;
  #movedAtMs = 0;

  constructor(private readonly parts: FollowerParts) {}

  hear(message: FollowerMessage): void {
    if (message.kind === 'behind') {
      this.#behind(message.sinceMs);
      return;
    }
    const { state, reason } = message;
    if (state === 'unready') this.#away = reason ?? 'a store is away';
    // Another one's checkpoint shows nothing of whether this one can work.
    else if (state !== 'superseded') this.#away = undefined;
    if (state === 'standby') this.#behind(undefined);
    this.parts.log(state, reason);
  }

  /** It has got something done; `sinceMs`: since when what is left has waited. */
  moved(sinceMs: number | undefined): void {
    this.#movedAtMs = this.#now();
    this.#behind(sinceMs);
  }

  /** Rejects with the reason while it cannot work, or does not get on. */
  check(): Promise<void> {
    const complaint = this.#away ?? this.#stuck();
    return complaint === undefined ? Promise.resolve() : Promise.reject(new Error(complaint));
  }

  #behind(sinceMs: number | undefined): void {
    this.#sinceMs = sinceMs;
    this.parts.behind(sinceMs);
  }

  #stuck(): string | undefined {
    if (this.#sinceMs === undefined) return undefined;
    const forMs = this.#now() - Math.max(this.#sinceMs, this.#movedAtMs);
    if (forMs < STUCK_MS) return undefined;
    return `nothing done for ${Math.floor(forMs / 1_000)} s, though events wait`;
  }

  #now(): number {
    return (this.parts.now ?? Date.now)();
  }
}
