import { Projector } from '#read-side';
import { faultyEventStore, faultyReadStore } from './faulty-stores.js';
import type { Worker } from './gates.js';
import { Killed } from './gates.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

/** In virtual time; real time never comes near it, so that the projector's own timers stay silent. */
const LEASE_TTL_MS = 3_600_000;

/** A process of the read side: nothing but the projector. */
export class ProjectorProcess implements Worker {
  alive = true;
  /** What it cannot go on from. */
  defect: unknown;
  #standby = false;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    readonly name: string,
    private readonly stage: Stage,
    random: Random,
  ) {
    const eventStore = faultyEventStore(stage, {
      worker: this,
      random,
      reading: () => {
        throw new Error('a projector appends nothing');
      },
      attempts: 1,
      willReturn: () => undefined,
      returned: () => undefined,
    });
    const projector = new Projector({
      eventStore,
      readStore: faultyReadStore(stage, this),
      holder: name,
      cacheSize: random.pick([1, 2, 100]),
      leaseTtlMs: LEASE_TTL_MS,
      idleCheckpointMs: Infinity,
      restMs: 0,
      backoffMs: () => 0,
      reports: { standby: () => (this.#standby = true) },
    });
    this.#done = projector.run(this.#stop.signal).catch((error: unknown) => {
      if (this.alive && !(error instanceof Killed)) this.defect = error;
    });
  }

  /** Another one has the lease: this one waits, and is of no more use to a simulation. */
  get standby(): boolean {
    return this.#standby;
  }

  asleep(): boolean {
    return this.defect === undefined && !this.#standby && !this.stage.gates.holds(this);
  }

  /** For one that was killed: lets go of what it held in memory. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
