import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLedger, type LedgerClient } from './ledger-client.js';
import { startApp } from './process.js';

/** The plan files that the repository shows as examples. */
export const EXAMPLES = ['ai-tokens', 'api-calls', 'compute-hours', 'seats'].map(
  (name) => `examples/${name}.yaml`,
);

/** A real process on embedded stores of its own, as `npm start` runs it. */
export interface RunningLedger extends LedgerClient {
  /** Kills the process and starts another one on the same stores; clients go on with the new one. */
  restarted(): Promise<RunningLedger>;
  stop(): Promise<void>;
}

/** Starts the standalone app with the example plans. */
export async function startLedger(plans: readonly string[] = EXAMPLES): Promise<RunningLedger> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-plans-'));
  const running = await runIn(folder);
  await running.applyPlans(...plans);
  return running;
}

async function runIn(folder: string): Promise<RunningLedger> {
  const app = await startApp('standalone', { DATA_DIR: folder, SCHEDULER_INTERVAL_MS: '50' });
  const client = connectLedger(app.grpcAddress);
  return {
    ...client,
    restarted: async () => {
      client.close();
      await app.kill();
      return runIn(folder);
    },
    stop: async () => {
      client.close();
      await app.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
