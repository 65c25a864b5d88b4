/** How to start a broker; everything has a default. */
export interface BrokerOptions {
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Where the log lives; kept by stop(). Default: a temporary folder, removed by stop(). */
  readonly dataDir?: string;
  /** Java heap limit in MiB. Default 512. */
  readonly heapMb?: number;
  /** Further lines for server.properties, each ending in a newline. */
  readonly properties?: string;
  /** Receives progress lines. Default: silence. */
  readonly log?: (line: string) => void;
}

/** A running broker; kill() and restart() keep the port and the data. */
export interface Broker {
  readonly brokers: readonly string[];
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** Of the Java process that runs now, or ran last. */
  readonly pid: number | undefined;
  /** Resolves when the Java process that runs now has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** SIGKILL: the broker gets no chance to tidy up. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again on the same port and data (stops first when it still runs). Resolves once it answers. */
  restart(): Promise<void>;
  /** SIGTERM, SIGKILL after half a minute; removes the data when it was temporary. */
  stop(): Promise<void>;
}

export function startBroker(options?: BrokerOptions): Promise<Broker>;

/** What this machine lacks to run a broker, with the Debian packages; undefined when nothing is missing. */
export function missingTools(): Promise<string | undefined>;
