import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createLogger,
  GrpcServer,
  Health,
  InvalidSettings,
  nestLogger,
  PlatformModule,
  readSettings,
  withoutPassword,
  type Logger,
  type Settings,
} from '#platform';
import { EventStoreUnusable } from '#event-store';
import { ReadStoreUnusable } from '#read-store';
import { KafkaUsageTransport } from '#usage-stream/kafka';
import { USAGE_BATCHES } from '#write-side';
import { checkAddresses } from './check-addresses.js';
import { exitAtArguments } from './exit-at-arguments.js';
import { openParts, type Parts, type Sides } from './parts.js';

/** A process that takes longer than this to stop is ended: what it had not finished is delivered again. */
const SHUTDOWN_DEADLINE_MS = 25_000;

@Module({})
class ProcessModule {
  static of(imports: DynamicModule[]): DynamicModule {
    return { module: ProcessModule, imports };
  }
}

export interface RunningProcess {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly app: NestFastifyApplication;
  /** Stops taking work, finishes what is in hand, commits, closes. */
  stop(): Promise<void>;
}

/**
 * Runs one process of the ledger until it is told to stop (SIGTERM, SIGINT): the write side, the read side or
 * both, with the adapters that the environment names. A wrong environment, or an argument, ends the process with status 2.
 */
export async function runProcess(name: string, sides: Sides): Promise<RunningProcess> {
  exitAtArguments(process.argv.slice(2));
  const settings = await settingsOrExit();
  const logger = createLogger(settings.logLevel, name);
  const parts = await openParts(settings, sides, logger).catch((error: unknown) =>
    exitIfUnusable(error, settings),
  );
  const app = await NestFactory.create<NestFastifyApplication>(
    ProcessModule.of([PlatformModule.register({ settings, logger }), ...parts.modules]),
    new FastifyAdapter(),
    { logger: nestLogger(logger), abortOnError: false },
  );
  const health = app.get(Health);
  app.connectMicroservice({ strategy: new GrpcServer(settings.grpcAddress, health) });
  if (parts.stream) {
    const { consumer } = parts.stream;
    app.connectMicroservice({ strategy: new KafkaUsageTransport(consumer, USAGE_BATCHES) });
    health.add({ name: 'usage stream', check: () => checkConsumer(parts) });
  }
  await app.startAllMicroservices();
  await app.listen(settings.http.port, settings.http.host);
  parts.start(app);

  const stop = stopOnce(app, parts, logger);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      const deadline = setTimeout(() => {
        logger.error(`not stopped after ${SHUTDOWN_DEADLINE_MS} ms: ending all the same`);
        process.exit(1);
      }, SHUTDOWN_DEADLINE_MS);
      stop().then(
        () => {
          clearTimeout(deadline);
          process.exit(0);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
  logger.info({ grpc: settings.grpcAddress, http: settings.http, ...parts.description }, 'ready');
  return { settings, logger, app, stop };
}

async function settingsOrExit(): Promise<Settings> {
  try {
    return await checkAddresses(readSettings(process.env));
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    exit(error.message);
  }
}

/** What the environment names as a store is none: as wrong as a malformed setting. */
function exitIfUnusable(error: unknown, { dataDir, eventStoreUrl, readStoreUrl }: Settings): never {
  const said = (variable: string, value: string): string =>
    process.env[variable] ? `${variable}="${withoutPassword(value)}"` : `DATA_DIR="${dataDir}"`;
  if (error instanceof EventStoreUnusable)
    exit(`${said('EVENT_STORE_URL', eventStoreUrl)}: ${error.message}`);
  if (error instanceof ReadStoreUnusable) exit(`${said('READ_STORE_URL', readStoreUrl)}: ${error.message}`);
  throw error;
}

function exit(message: string): never {
  process.stderr.write(`purser: ${message}\n`);
  process.exit(2);
}

function stopOnce(app: NestFastifyApplication, parts: Parts, logger: Logger): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => {
    stopping ??= (async () => {
      app.get(Health).stopping();
      await app.close();
      await parts.close();
      logger.info('stopped');
    })();
    return stopping;
  };
}

/** Ready means: a member of the group, and no partition stuck on a batch that keeps being refused. */
async function checkConsumer({ stream }: Parts): Promise<void> {
  const status = stream?.consumer.status();
  if (!status || status.state === 'disconnected') throw new Error(status?.problem ?? 'not connected yet');
  const [stuck] = status.stuck;
  if (stuck) {
    throw new Error(
      `partition ${stuck.partition} is stuck at offset ${stuck.offset} after ${stuck.attempts} attempts: ${stuck.error}`,
    );
  }
  return Promise.resolve();
}
