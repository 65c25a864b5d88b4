/** Asks a broker the smallest question that only a working broker can answer. */
import { Buffer } from 'node:buffer';
import net from 'node:net';
import { clearTimeout, setTimeout } from 'node:timers';

/** A broker's answer has the number of the question. Others answer too, in their own words: PostgreSQL with an error. */
const CORRELATION_ID = 0x5055_5253;

/** Metadata, version 1, no topics: int16 key, int16 version, int32 correlation, string client id, int32 topics. */
function metadataRequest() {
  const body = Buffer.alloc(2 + 2 + 4 + 2 + 4);
  body.writeInt16BE(3, 0);
  body.writeInt16BE(1, 2);
  body.writeInt32BE(CORRELATION_ID, 4);
  body.writeInt16BE(-1, 8);
  body.writeInt32BE(0, 10);
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** True when the server at 127.0.0.1:port says that it knows at least one broker: itself, registered and unfenced. */
export function answers(port, timeoutMs = 2000) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => finish(false), timeoutMs);
    const finish = (result) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => socket.write(metadataRequest()));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Length, correlation id, then the number of brokers.
      if (received.length >= 12)
        finish(received.readInt32BE(4) === CORRELATION_ID && received.readInt32BE(8) > 0);
    });
  });
}

/**
 * Below the ports that the system gives to outgoing connections: one of those would take the port of a server that is
 * away for a moment, and that server could not come back.
 */
const [FIRST_PORT, LAST_PORT] = [15_000, 32_000];
let nextPort = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));

/** A port of 127.0.0.1 that nothing listens on at this moment; another one each time, for thousands of times. */
export async function freePort() {
  for (let tried = FIRST_PORT; tried <= LAST_PORT; tried++) {
    const port = nextPort;
    nextPort = port >= LAST_PORT ? FIRST_PORT : port + 1;
    if ((await problemOf(port)) === undefined) return port;
  }
  throw new Error(`no port is free between ${FIRST_PORT} and ${LAST_PORT}`);
}

/** Why nobody can listen at 127.0.0.1:port, by the system's code; undefined: somebody can. */
export function problemOf(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
