import { setTimeout as delay } from 'node:timers/promises';
import { leaveNothing } from './leave-nothing.js';
import { complaintOf, freePort, startApp, type AppName, type AppProcess } from '../../support/process.js';

/** A process that ends by itself is started again after this pause, as a supervisor would. */
const SUPERVISOR_PAUSE_MS = 300;
/** How long all of a process's parts may take to become ready on a machine that is busy with everything else. */
const READY_WITHIN_MS = 120_000;

/**
 * One place of a deployment: the process that runs there may be killed, paused, stopped and started again, always
 * at the same addresses. An end that nobody asked for is remembered, and the process started again.
 */
export class Slot {
  readonly #environment: Readonly<Record<string, string>>;
  #process: AppProcess | undefined;
  #starting: Promise<void> | undefined;
  #wanted = false;
  #paused = false;
  #output = '';
  readonly #unasked: string[] = [];

  private constructor(
    readonly app: AppName,
    readonly name: string,
    readonly grpcAddress: string,
    readonly httpAddress: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#environment = { ...environment, GRPC_ADDRESS: grpcAddress, HTTP_ADDRESS: httpAddress };
  }

  static async create(
    app: AppName,
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<Slot> {
    const [grpc, http] = [await freePort(), await freePort()];
    return new Slot(app, name, `127.0.0.1:${grpc}`, `127.0.0.1:${http}`, environment);
  }

  /** Whether a process runs here, or is about to be started again. */
  get running(): boolean {
    return this.#wanted;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Ends that nobody asked for. */
  get unasked(): readonly string[] {
    return this.#unasked;
  }

  /** What every process of this slot has logged. */
  get output(): string {
    return this.#output + (this.#process?.output() ?? '');
  }

  /** Starts a process; it may take a while until it is ready. */
  start(): Promise<void> {
    this.#wanted = true;
    return (this.#starting ??= this.#start().finally(() => (this.#starting = undefined)));
  }

  async #start(): Promise<void> {
    if (this.#process) return;
    const started = await startApp(this.app, this.#environment, { waitForReady: false });
    this.#process = started;
    const isGone = leaveNothing(() => {
      signal(started.pid, 'SIGKILL');
    });
    void started.ended.then((how) => {
      isGone();
      this.#ended(started, how);
    });
  }

  async kill(): Promise<void> {
    const running = await this.#leave();
    await running?.kill();
  }

  /** SIGTERM. Returns the exit code; undefined when nothing ran. */
  async stop(): Promise<number | null | undefined> {
    const running = await this.#leave();
    return running?.stop();
  }

  pause(): void {
    this.#paused = true;
    this.#process?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#process?.resume();
  }

  /** What /healthz says: undefined when the process is sound. */
  defect(): Promise<string | undefined> {
    return this.#asked('healthz');
  }

  /** What /readyz says: undefined when the process answers calls, whatever part of it is away. */
  unready(): Promise<string | undefined> {
    return this.#asked('readyz');
  }

  /** What is said against the process or one of its parts: undefined when all of them work. */
  complaint(): Promise<string | undefined> {
    return complaintOf(`http://${this.httpAddress}`);
  }

  async untilReady(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const complaint = await this.complaint();
      if (complaint === undefined) return;
      if (Date.now() > deadline) throw new Error(`${this.name} does not become ready: ${complaint}`);
      await delay(100);
    }
  }

  /** A metric's value, summed over its labels, or over those lines that have `labels` in them. */
  async metric(name: string, labels?: string): Promise<number> {
    return (await this.#process?.metric(name, labels)) ?? 0;
  }

  async #asked(path: 'readyz' | 'healthz'): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://${this.httpAddress}/${path}`, {
        signal: AbortSignal.timeout(5_000),
      });
      return answer.ok ? undefined : await answer.text();
    } catch (error) {
      return `no answer: ${String(error)}`;
    }
  }

  async #leave(): Promise<AppProcess | undefined> {
    this.#wanted = false;
    await this.#starting;
    const running = this.#process;
    this.#paused = false;
    this.#process = undefined;
    if (running) void running.ended.then(() => (this.#output += running.output()));
    return running;
  }

  #ended(which: AppProcess, how: number | NodeJS.Signals): void {
    if (this.#process !== which) return;
    this.#output += which.output();
    this.#process = undefined;
    this.#unasked.push(`${this.name} ended by itself with ${how}:\n${lastLines(which.output())}`);
    void delay(SUPERVISOR_PAUSE_MS).then(() => (this.#wanted ? this.start() : undefined));
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-12).join('\n');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
