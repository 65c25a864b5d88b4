import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startBroker } from '#scripts/kafka/broker.mjs';

describe('the port of the local broker', () => {
  let server: Server;
  afterEach(() => {
    server.close();
  });

  async function serve(answer: (socket: Socket, question: Buffer) => void): Promise<number> {
    server = createServer((socket) => socket.once('data', (question) => answer(socket, question)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it('may be taken by another broker, which is told', async () => {
    const port = await serve((socket, question) => {
      const answer = Buffer.alloc(12);
      answer.writeInt32BE(8, 0);
      question.copy(answer, 4, 8, 12);
      answer.writeInt32BE(1, 8);
      socket.end(answer);
    });
    await expect(startBroker({ port })).rejects.toThrow(`Kafka answers on 127.0.0.1:${port} already`);
  });

  it('may be taken by PostgreSQL, which is not taken for Kafka', async () => {
    const port = await serve((socket) =>
      socket.end('E\0\0\0\x8eSFATAL\0VFATAL\0C0A000\0Munsupported frontend protocol'),
    );
    await expect(startBroker({ port })).rejects.toThrow(
      `Something listens on 127.0.0.1:${port} already, and does not answer as Kafka`,
    );
  });
});
