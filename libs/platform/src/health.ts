/** What a part of the process says of itself. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when the part can work; rejects with the reason when it cannot. */
  check(): Promise<void>;
  /** Shown in readiness, but does not turn it red: the process can do its work for callers without this part. */
  readonly advisory?: true;
}

export interface HealthReport {
  readonly healthy: boolean;
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * Liveness and readiness. A *defect* (a thrown bug, a partition that cannot go on) makes the process unhealthy
 * for good, so that it is restarted; a store that is away makes it unready until it is back.
 */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  #defect: Error | undefined;
  #process: 'starting' | 'stopping' | undefined;

  /** Takes the place of the check that had this name before. */
  add(check: HealthCheck): void {
    this.#checks.set(check.name, check);
  }

  /** The process is not at work yet, until it says so. */
  starting(): void {
    this.#process ??= 'starting';
  }

  started(): void {
    if (this.#process === 'starting') this.#process = undefined;
  }

  /** A bug showed itself: the first one is kept. */
  defect(error: Error): void {
    this.#defect ??= error;
  }

  /** The process is on its way out: take it from the load balancer. */
  stopping(): void {
    this.#process = 'stopping';
  }

  live(): HealthReport {
    return this.#defect
      ? { healthy: false, parts: { defect: this.#defect.message } }
      : { healthy: true, parts: {} };
  }

  async ready(): Promise<HealthReport> {
    const answers = await Promise.all(
      [...this.#checks.values()].map(async (part): Promise<Answer> => {
        const { name, advisory = false } = part;
        try {
          await within(part.check(), 2_000);
          return { name, says: 'ok', red: false };
        } catch (error) {
          return { name, says: error instanceof Error ? error.message : String(error), red: !advisory };
        }
      }),
    );
    const parts = Object.fromEntries(answers.map(({ name, says }) => [name, says]));
    if (this.#process) parts['process'] = this.#process;
    if (this.#defect) parts['defect'] = this.#defect.message;
    return { healthy: !this.#process && !this.#defect && answers.every(({ red }) => !red), parts };
  }
}

interface Answer {
  readonly name: string;
  readonly says: string;
  readonly red: boolean;
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
