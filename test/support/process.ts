import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HealthReport } from '#platform';
import { freePort } from '#scripts/kafka/answers.mjs';
import { NODE_FLAGS } from '#scripts/lib/node-flags.mjs';

export { freePort };

/** The repository's folder; tests run from it. */
const root = process.cwd();

export type AppName = 'standalone' | 'ledger' | 'query';

/** A process of the ledger as an operator runs it: the built code, told what to do by its environment. */
export interface AppProcess {
  readonly pid: number;
  readonly grpcAddress: string;
  readonly httpUrl: string;
  /** Everything it has logged so far. */
  output(): string;
  /** Resolves when it has ended, for whatever reason: with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and waits for its end. Resolves with its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a process that sleeps for a while and wakes up stale. */
  pause(): void;
  resume(): void;
  /** A metric's value, summed over its labels; 0 when it does not exist. */
  metric(name: string, labels?: string): Promise<number>;
}

const READY_TIMEOUT_MS = 60_000;

/** Starts a built app on free ports and waits until it says that all of its parts work. */
export async function startApp(
  app: AppName,
  environment: Readonly<Record<string, string>>,
  { waitForReady = true }: { readonly waitForReady?: boolean } = {},
): Promise<AppProcess> {
  const program = join(root, 'dist', 'apps', app, 'src', 'main.js');
  if (!existsSync(program)) throw new Error(`${program} is not there: run npm run build`);
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  const grpcAddress = environment['GRPC_ADDRESS'] ?? `127.0.0.1:${grpcPort}`;
  const httpAddress = environment['HTTP_ADDRESS'] ?? `127.0.0.1:${httpPort}`;
  const child = spawn(process.execPath, [...NODE_FLAGS, program], {
    // What the developer's shell says must not leak into a test.
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      ...environment,
      GRPC_ADDRESS: grpcAddress,
      HTTP_ADDRESS: httpAddress,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => log.push(text));
  }
  const exited = once(child, 'exit');
  const httpUrl = `http://${httpAddress}`;
  const output = (): string => log.join('');
  if (waitForReady) await untilReady(app, child, httpUrl, output);
  return {
    pid: child.pid ?? -1,
    grpcAddress,
    httpUrl,
    output,
    ended: exited.then(() => child.exitCode ?? child.signalCode ?? -1),
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    metric: (name, labels = '') => readMetric(httpUrl, name, labels),
  };
}

async function untilReady(
  app: AppName,
  child: ChildProcess,
  httpUrl: string,
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `${app} ended with ${child.exitCode ?? child.signalCode} before it was ready:\n${output()}`,
      );
    }
    const complaint = await complaintOf(httpUrl);
    if (complaint === undefined) return;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${app} was not ready within ${READY_TIMEOUT_MS} ms: ${complaint}\n${output()}`);
    }
    await delay(50);
  }
}

/** What /readyz has to say against a process, or one of its parts that readiness does not hang on. */
export async function complaintOf(httpUrl: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${httpUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const { parts } = (await answer.json()) as HealthReport;
    const well = answer.ok && Object.values(parts).every((says) => says === 'ok');
    return well ? undefined : JSON.stringify(parts);
  } catch (error) {
    return `no answer: ${String(error)}`;
  }
}

async function readMetric(httpUrl: string, name: string, labels: string): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && /[{ ]/.test(line.charAt(name.length)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Waits until a condition holds, looking again and again; throws with what it last said when it never does. */
export async function until(
  what: string,
  holds: () => Promise<boolean | string>,
  { timeoutMs = 60_000, everyMs = 50 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await holds();
    if (answer === true) return;
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs} ms${answer === false ? '' : ` (${answer})`}`);
    }
    await delay(everyMs);
  }
}
