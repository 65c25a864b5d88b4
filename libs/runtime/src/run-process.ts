import { Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createLogger,
  createMetrics,
  GrpcServer,
  Health,
  InvalidSettings,
  nestLogger,
  PlatformModule,
  readSettings,
  withoutPassword,
  type Settings,
} from '#platform';
import { EventStoreUnusable } from '#event-store';
import { ReadStoreUnusable } from '#read-store';
import { KafkaUsageTransport } from '#usage-stream/kafka';
import { checkAddresses } from './check-addresses.js';
import { checkConsumer } from './check-consumer.js';
import { exitAtArguments } from './exit-at-arguments.js';
import { grpcAddressProblem } from './grpc-address-problem.js';
import { openParts, type Parts, type Sides, type Surroundings } from './parts.js';
import { stopAtSignals } from './stop-at-signals.js';
import { toldReadiness } from './told-readiness.js';

@Module({})
class ProcessModule {
  static of(imports: DynamicModule[]): DynamicModule {
    return { module: ProcessModule, imports };
  }
}

export interface RunningProcess {
  readonly settings: Settings;
  /** Resolves when everything that calls need is there. */
  readonly ready: Promise<void>;
}

/**
 * Runs one process of the ledger until it is told to stop (SIGTERM, SIGINT): the write side, the read side or
 * both, with the adapters that the environment names. A wrong environment, or an argument, ends the process with status 2.
 * @returns undefined when it was told to stop before it had started
 */
export async function runProcess(name: string, sides: Sides): Promise<RunningProcess | undefined> {
  exitAtArguments(process.argv.slice(2));
  const settings = await settingsOrExit();
  const logger = createLogger(settings.logLevel, name);
  const [health, metrics, stop] = [new Health(), createMetrics(), new AbortController()];
  health.starting();
  const platform = PlatformModule.register({ settings, logger, health, metrics });
  const options: NestApplicationOptions = { logger: nestLogger(logger), abortOnError: false };
  const surroundings: Surroundings = { health, logger, metrics, signal: stop.signal };
  const modules = { platform, options };

  // Before anything is waited for: a process must be told of its health, and be stopped, while its stores are away.
  const answering = answerHttp(settings, modules);
  const starting = answering.then(() => startSides(settings, sides, surroundings, modules));
  stopAtSignals(async () => {
    health.stopping();
    stop.abort();
    // A start that fails ends the process by itself.
    const started = await starting.catch(() => undefined);
    await started?.close();
    await (await answering).close();
    logger.info('stopped');
  }, logger);

  const started = await starting;
  if (!started) return undefined;
  health.started();
  logger.info({ grpc: settings.grpcAddress, http: settings.http, ...started.description }, 'started');
  const ready = new Promise<void>((resolve) => {
    const stopTelling = toldReadiness(health, logger, resolve);
    stop.signal.addEventListener('abort', stopTelling);
  });
  return { settings, ready };
}

interface Modules {
  readonly platform: DynamicModule;
  readonly options: NestApplicationOptions;
}

/** Health and metrics over HTTP, which need no store. */
async function answerHttp(
  { http }: Settings,
  { platform, options }: Modules,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    ProcessModule.of([platform]),
    new FastifyAdapter(),
    options,
  );
  await app.listen(http.port, http.host);
  return app;
}

interface Started {
  readonly description: Parts['description'];
  /** Stops taking work, finishes what is in hand, commits, closes. */
  close(): Promise<void>;
}

/** Everything else. Undefined when the process is to stop before its stores are there. */
async function startSides(
  settings: Settings,
  sides: Sides,
  surroundings: Surroundings,
  { platform, options }: Modules,
): Promise<Started | undefined> {
  const { health } = surroundings;
  const parts = await openParts(settings, sides, surroundings).catch((error: unknown) =>
    exitIfUnusable(error, settings),
  );
  if (!parts) return undefined;
  const app = await NestFactory.create<NestFastifyApplication>(
    ProcessModule.of([platform, ...parts.modules]),
    new FastifyAdapter(),
    options,
  );
  app.connectMicroservice({ strategy: new GrpcServer(settings.grpcAddress, health) });
  if (parts.stream) {
    const { consumer } = parts.stream;
    app.connectMicroservice({ strategy: new KafkaUsageTransport(consumer) });
    // Calls are answered as well without it.
    health.add({ name: 'usage stream', advisory: true, check: () => checkConsumer(consumer.status()) });
  }
  await app.startAllMicroservices().catch((error: unknown) => exitIfNoAddress(error, settings));
  await app.init();
  parts.start();
  return {
    description: parts.description,
    close: async () => {
      await app.close();
      await parts.close();
    },
  };
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

function exitIfNoAddress(error: unknown, { grpcAddress }: Settings): never {
  const problem = grpcAddressProblem(grpcAddress, error);
  if (problem !== undefined) exit(problem);
  throw error;
}

function exit(message: string): never {
  process.stderr.write(`purser: ${message}\n`);
  process.exit(2);
}
