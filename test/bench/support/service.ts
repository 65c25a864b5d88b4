import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { rpc } from '#contracts';
import { connectService, type ServiceClient } from '#platform';
import { freePort } from '#scripts/kafka/answers.mjs';
import { complaintOf } from '../../support/process.js';
import { end, startProgram } from './child.js';
import type { Resources } from './resources.js';

const START_MS = 60_000;

export interface Service {
  readonly folder: string;
  readonly grpcAddress: string;
  readonly eventStoreUrl: string;
  readonly ledger: ServiceClient<rpc.LedgerService>;
  readonly catalog: ServiceClient<rpc.CatalogService>;
  readonly wallets: ServiceClient<rpc.WalletService>;
  /** A metric's value, added up over its labels; labels as in `result="ok"` choose among them. */
  metric(name: string, labels?: string): Promise<number>;
  /** Stops the process where it stands, and lets it go on. */
  hold(): void;
  resume(): void;
  /** Ends the process before the resources are closed. */
  end(): Promise<void>;
}

export interface ServiceOptions {
  readonly app: 'standalone' | 'ledger' | 'query';
  /** Where its data is; default: a temporary folder of its own. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts one of the processes of the ledger and waits until it is ready. */
export async function startService(
  resources: Resources,
  { app, folder: given, env = {} }: ServiceOptions,
): Promise<Service> {
  const folder = given ?? (await resources.folder());
  const [grpcAddress, httpAddress] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const eventStoreUrl = env['EVENT_STORE_URL'] ?? `sqlite:${join(folder, 'events.db')}`;
  const entry = fileURLToPath(new URL(`../../../apps/${app}/src/main.js`, import.meta.url));
  const child = startProgram(resources, entry, {
    GRPC_ADDRESS: grpcAddress,
    HTTP_ADDRESS: httpAddress,
    DATA_DIR: folder,
    EVENT_STORE_URL: eventStoreUrl,
    LOG_LEVEL: 'error',
    ...env,
  });
  await untilReady(child, httpAddress, app);
  const clients = {
    ledger: connectService<rpc.LedgerService>('LedgerService', grpcAddress),
    catalog: connectService<rpc.CatalogService>('CatalogService', grpcAddress),
    wallets: connectService<rpc.WalletService>('WalletService', grpcAddress),
  };
  resources.add(clients, async ({ ledger, catalog, wallets }) => {
    for (const client of [ledger, catalog, wallets]) client.close();
    return Promise.resolve();
  });
  return {
    folder,
    grpcAddress,
    eventStoreUrl,
    ...clients,
    metric: async (name, labels) => sumOf(await textOf(`http://${httpAddress}/metrics`), name, labels),
    hold: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    end: () => end(child),
  };
}

async function untilReady(child: ChildProcess, httpAddress: string, app: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${app} ended with ${child.exitCode} before it was ready`);
    if ((await complaintOf(`http://${httpAddress}`)) === undefined) return;
    await delay(50);
  }
  throw new Error(`${app} was not ready within ${START_MS} ms`);
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function sumOf(text: string, name: string, labels = ''): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    if (line.includes(labels)) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
