import {
  status,
  type Server,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { SERVICES } from '#contracts';
import { ShuttingDown } from './shutting-down.js';

/** Whom a probe may ask about: the process as a whole, or one of its services, which all stand and fall with it. */
const ASKED_ABOUT = ['', ...SERVICES.map((name) => `purser.v1.${name}`)];

type Watch = ServerWritableStream<unknown, unknown>;

/** `grpc.health.v1`. Serves nothing until told otherwise. */
export class HealthService {
  readonly #implementation = new HealthImplementation();
  readonly #watches = new Set<Watch>();
  #ended = false;

  constructor() {
    this.tell('NOT_SERVING');
  }

  /** Watchers hear what they are told: tell changes only. */
  tell(what: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of ASKED_ABOUT) this.#implementation.setStatus(name, what);
  }

  /** Tells watchers that nothing is served any more and ends their calls, which would never end by themselves. */
  end(): void {
    this.#ended = true;
    this.tell('NOT_SERVING');
    for (const call of this.#watches) endOf(call);
  }

  addToServer(server: Server): void {
    // The library keeps open calls to itself: they are noted on their way to it.
    this.#implementation.addToServer({
      addService: (
        definition: Parameters<Server['addService']>[0],
        methods: UntypedServiceImplementation,
      ) => {
        const watch = methods['watch'] as (call: Watch) => void;
        server.addService(definition, { ...methods, watch: (call: Watch) => this.#watch(call, watch) });
      },
    });
  }

  #watch(call: Watch, watch: (call: Watch) => void): void {
    this.#watches.add(call);
    call.on('cancelled', () => this.#watches.delete(call));
    watch(call);
    if (this.#ended) endOf(call);
  }
}

function endOf(call: Watch): void {
  call.emit('error', { code: status.UNAVAILABLE, details: new ShuttingDown().message });
}
