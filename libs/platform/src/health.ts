/** What a part of the process says of itself. */
export interface HealthCheck {
  readonly name: string;
  /** Resolves when the part can work; rejects with the reason when it cannot. */
  check(): Promise<void>;
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
  readonly #checks: HealthCheck[] = [];
  #defect: Error | undefined;
  #stopping = false;

  add(check: HealthCheck): void {
    this.#checks.push(check);
  }

  /** A bug showed itself: the first one is kept. */
  defect(error: Error): void {
    this.#defect ??= error;
  }

  /** The process is on its way out: take it from the load balancer. */
  stopping(): void {
    this.#stopping = true;
  }

  live(): HealthReport {
    return this.#defect
      ? { healthy: false, parts: { defect: this.#defect.message } }
      : { healthy: true, parts: {} };
  }

  async ready(): Promise<HealthReport> {
    const answers = await Promise.all(
      this.#checks.map(async (part): Promise<[string, string]> => {
        try {
          await within(part.check(), 2_000);
          return [part.name, 'ok'];
        } catch (error) {
          return [part.name, error instanceof Error ? error.message : String(error)];
        }
      }),
    );
    const parts = Object.fromEntries(answers);
    if (this.#stopping) parts['process'] = 'stopping';
    if (this.#defect) parts['defect'] = this.#defect.message;
    return { healthy: Object.values(parts).every((answer) => answer === 'ok'), parts };
  }
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
