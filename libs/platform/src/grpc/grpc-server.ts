import type { handleUnaryCall, Server, ServerOptions } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ServerGrpc, type CustomTransportStrategy } from '@nestjs/microservices';
import { loaderOptions, protoFiles } from '#contracts';
import type { Health } from '../health.js';
import { watchReadiness } from '../watch-readiness.js';
import { HealthService } from './health-service.js';
import { writePlainly } from './plain-responses.js';
import { openReceiveWindows } from './receive-windows.js';
import { reflection } from './reflection.js';
import { carryBytes } from './streams-of-bytes.js';
import { unaryMethod } from './unary-method.js';
import { noteUnreadable, refuseUnreadable } from './unreadable-requests.js';

/** How long a closing server waits for calls in progress before it breaks them off. */
const GRACE_MS = 5_000;
/** A request of a thousand usage events has its place; more is refused with RESOURCE_EXHAUSTED. */
const MAX_MESSAGE_BYTES = 16 * 1_048_576;
/** Some messages of a thousand usage events are on their way while the ones before are being decided. */
const WINDOWS = { callBytes: 4 * 1_048_576, connectionBytes: 8 * 1_048_576 };

const SERVER_OPTIONS: ServerOptions = {
  // Nobody can ask for these statistics (the channelz service is not offered), and they are kept call by call.
  'grpc.enable_channelz': 0,
  'grpc.max_concurrent_streams': 10_000,
  interceptors: [refuseUnreadable],
};

/** The gRPC services of `purser.v1`, with reflection and `grpc.health.v1`. */
export class GrpcServer extends ServerGrpc implements CustomTransportStrategy {
  readonly #health: HealthService;
  readonly #stopWatching: () => void;

  constructor(address: string, health: Health) {
    const healthService = new HealthService();
    super({
      package: 'purser.v1',
      protoPath: protoFiles(),
      loader: loaderOptions,
      url: address,
      maxReceiveMessageLength: MAX_MESSAGE_BYTES,
      // Nest hands these to grpc-js as they are; its type knows only the channel's own.
      channelOptions: SERVER_OPTIONS,
      onLoadPackageDefinition: (definition: PackageDefinition, server: Server) => {
        reflection().addToServer(server);
        healthService.addToServer(server);
        noteUnreadable(definition);
        writePlainly(definition);
        carryBytes(definition);
      },
    });
    this.#health = healthService;
    this.#stopWatching = watchReadiness(health, ({ healthy }) => {
      healthService.tell(healthy ? 'SERVING' : 'NOT_SERVING');
    });
  }

  override createUnaryServiceMethod(
    handler: Parameters<typeof unaryMethod>[0],
  ): handleUnaryCall<unknown, unknown> {
    return unaryMethod(handler);
  }

  override async createClient(): Promise<Server> {
    const server = (await super.createClient()) as Server;
    openReceiveWindows(server, WINDOWS);
    return server;
  }

  /** Tells watchers and ends their calls, takes no new calls, waits a little for those in progress, then breaks them off. */
  override async close(): Promise<void> {
    this.#stopWatching();
    this.#health.end();
    const server = this.grpcClient as Server | null;
    if (!server) return;
    await new Promise<void>((resolve) => {
      const forced = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, GRACE_MS);
      server.tryShutdown(() => {
        clearTimeout(forced);
        resolve();
      });
    });
  }
}
