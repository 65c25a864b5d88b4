import { Server } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type ClientHttp2Session } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { openReceiveWindows } from './receive-windows.js';
import { listen } from './testing/listen.js';

describe('the windows of a server', () => {
  const server = new Server();
  let session: ClientHttp2Session;

  beforeAll(async () => {
    const address = await listen(server);
    openReceiveWindows(server, { callBytes: 500_000, connectionBytes: 2_000_000 });
    session = connect(`http://${address}`);
  });

  afterAll(() => {
    session.destroy();
    server.forceShutdown();
  });

  it('let a caller send ahead on each call, and on all calls of a connection together', async () => {
    const windows = () => [session.remoteSettings.initialWindowSize, session.state.remoteWindowSize];
    for (let left = 100; left > 0 && windows()[1] !== 2_000_000; left--) await delay(20);
    expect(windows()).toEqual([500_000, 2_000_000]);
  });
});
