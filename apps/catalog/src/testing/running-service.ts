import { createServer, type AddressInfo } from 'node:net';
import { Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { EventStore } from '#event-store';
import { openMemoryEventStore } from '#event-store/testing';
import { createLogger, GrpcServer, Health, nestLogger, PlatformModule, readSettings } from '#platform';
import { openMemoryReadStore } from '#read-store/testing';
import { UsageHorizon, WriteSideModule } from '#write-side';

@Module({})
class ServiceModule {
  static of(imports: DynamicModule[]): DynamicModule {
    return { module: ServiceModule, imports };
  }
}

export interface RunningService {
  /** host:port */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** The write side on memory stores, answering gRPC on a port of 127.0.0.1 that was free. */
export async function startService(eventStore: EventStore = openMemoryEventStore()): Promise<RunningService> {
  const address = `127.0.0.1:${await freePort()}`;
  const logger = createLogger('silent', 'spec');
  const options: NestApplicationOptions = { logger: nestLogger(logger), abortOnError: false };
  const app = await NestFactory.create(
    ServiceModule.of([
      PlatformModule.register({ settings: readSettings({}), logger }),
      WriteSideModule.register({
        eventStore,
        readStore: openMemoryReadStore(),
        horizon: UsageHorizon.withoutStream(),
        deadLetters: undefined,
      }),
    ]),
    new FastifyAdapter(),
    options,
  );
  app.connectMicroservice({ strategy: new GrpcServer(address, app.get(Health)) });
  await app.startAllMicroservices();
  await app.init();
  return { address, stop: () => app.close() };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
