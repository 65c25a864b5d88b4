import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { hostAndPort, InvalidSettings, type Settings } from '#platform';
import { addressProblem } from './address-problem.js';

/**
 * Listens at both addresses for a moment, so that one that cannot be listened at is told before anything is opened.
 * Gives the settings with the port that was chosen where they say 0.
 * @throws InvalidSettings
 */
export async function checkAddresses(settings: Settings): Promise<Settings> {
  const grpc = await listenAt('GRPC_ADDRESS', hostAndPort(settings.grpcAddress));
  try {
    // While the other one is held: both may name the same.
    const http = await listenAt('HTTP_ADDRESS', settings.http);
    const chosen = {
      ...settings,
      grpcAddress: settings.grpcAddress.replace(/:\d+$/, `:${portOf(grpc)}`),
      http: { ...settings.http, port: portOf(http) },
    };
    await closed(http);
    return chosen;
  } finally {
    await closed(grpc);
  }
}

async function listenAt(variable: string, { host, port }: Settings['http']): Promise<Server> {
  try {
    return await listenAtOneOf(await lookup(host, { all: true }), port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    throw new InvalidSettings(addressProblem(variable, address, { code, message }));
  }
}

/** A name may stand for several addresses (localhost does); the servers are content with one of them. */
async function listenAtOneOf(
  addresses: readonly { readonly address: string }[],
  port: number,
): Promise<Server> {
  let problem: unknown;
  for (const { address } of addresses) {
    // Who connects already is not meant to stay: an open connection would keep the server from closing.
    const server = createServer((socket) => socket.destroy()).listen(port, address);
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
