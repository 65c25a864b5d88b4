import { missingTools, startBroker, type Broker } from '#scripts/kafka/broker.mjs';
import { leaveNothing, removeFolder } from './leave-nothing.js';
import { acquirePostgres, type PostgresServer } from '../../support/postgres.js';

/** The servers that all scenarios share; each may be killed, and is running again when a scenario ends. */
export interface World {
  readonly broker: Broker;
  readonly postgres: PostgresServer;
  release(): Promise<void>;
}

/** Why these scenarios cannot run here; undefined when they can. Brokers and servers of others are never killed. */
export async function whyNoWorld(): Promise<string | undefined> {
  const missing = await missingTools();
  return missing && `a broker that may be killed is needed, and ${missing} is missing here`;
}

export async function createWorld(say: (line: string) => void): Promise<World> {
  const broker = await startBroker({ heapMb: 384, log: say });
  const postgres = await acquirePostgres({ own: true }).catch(async (error: unknown) => {
    await broker.stop();
    throw error;
  });
  const isGone = leaveNothing(removeFolder(broker.dataDir));
  return {
    broker,
    postgres,
    release: async () => {
      await Promise.all([broker.stop(), postgres.release()]);
      isGone();
    },
  };
}
