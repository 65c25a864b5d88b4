import type { handleUnaryCall, Server, ServerOptions } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ServerGrpc, type CustomTransportStrategy } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { loaderOptions, protoFiles, SERVICES } from '#contracts';
import type { Health } from '../health.js';
import { writePlainly } from './plain-responses.js';
import { openReceiveWindows } from './receive-windows.js';
import { reflection } from './reflection.js';
import { carryBytes } from './streams-of-bytes.js';
import { unaryMethod } from './unary-method.js';
import { noteUnreadable, refuseUnreadable } from './unreadable-requests.js';

/** How long a closing server waits for calls in progress before it breaks them off. */
const GRACE_MS = 5_000;
/** How often `grpc.health.v1` is told what readiness says. */
const HEALTH_INTERVAL_MS = 1_000;
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
  readonly #health: HealthImplementation;
  readonly #stopWatching: () => void;

  constructor(address: string, health: Health) {
    const healthService = new HealthImplementation();
    tell(healthService, 'NOT_SERVING');
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
    this.#stopWatching = watchReadiness(health, healthService);
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

  /** Tells watchers, takes no new calls, waits a little for those in progress, then breaks them off. */
  override async close(): Promise<void> {
    this.#stopWatching();
    tell(this.#health, 'NOT_SERVING');
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

function watchReadiness(health: Health, service: HealthImplementation): () => void {
  const look = async (): Promise<void> => {
    const { healthy } = await health.ready();
    tell(service, healthy ? 'SERVING' : 'NOT_SERVING');
  };
  const timer = setInterval(() => void look(), HEALTH_INTERVAL_MS);
  void look();
  return () => {
    clearInterval(timer);
  };
}

/** Whom a probe may ask about: the process as a whole, or one of its services, which all stand and fall with it. */
const ASKED_ABOUT = ['', ...SERVICES.map((name) => `purser.v1.${name}`)];

function tell(service: HealthImplementation, status: 'SERVING' | 'NOT_SERVING'): void {
  for (const name of ASKED_ABOUT) service.setStatus(name, status);
}
