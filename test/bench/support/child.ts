import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '#scripts/lib/node-flags.mjs';
import type { Resources } from './resources.js';

const STOP_MS = 30_000;

/** Ends a child by SIGTERM, after a while by SIGKILL. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // A child that is held still hears SIGTERM only when it goes on.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const patience = new AbortController();
  const forced = delay(STOP_MS, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await ended;
  patience.abort();
  await forced;
}

function endWithUs(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

/** Starts one of the built programs with this environment; ended with the resources. */
export function startProgram(
  resources: Resources,
  entry: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  // More of them for a profile: `BENCH_NODE_FLAGS=--cpu-prof`.
  const more = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
  const child = spawn(process.execPath, [...NODE_FLAGS, ...more, entry], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  endWithUs(child);
  return resources.add(child, end);
}

/** A program of this folder that is told a task, answers it and stays until it is ended. */
export interface Helper {
  readonly pid: number;
  end(): Promise<void>;
}

/**
 * Runs a program of `processes/` in a process of its own: it is sent the task and sends back one answer, whose
 * shape the caller must check or know. It stays until the resources are closed; a server needs that.
 */
export async function runHelper(
  resources: Resources,
  program: string,
  task: object,
  flags: readonly string[] = [],
): Promise<{ readonly answer: unknown; readonly helper: Helper }> {
  const child = fork(fileURLToPath(new URL(`../processes/${program}.js`, import.meta.url)), {
    serialization: 'advanced',
    execArgv: ['--max-old-space-size=8192', ...flags],
  });
  endWithUs(child);
  resources.add(child, end);
  const answered = new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} and no answer`)));
  });
  child.send(task);
  return { answer: await answered, helper: { pid: child.pid ?? 0, end: () => end(child) } };
}

/** Like `runHelper`, for a task that ends with its answer. */
export async function askHelper(resources: Resources, program: string, task: object): Promise<unknown> {
  const { answer, helper } = await runHelper(resources, program, task);
  await helper.end();
  return answer;
}
