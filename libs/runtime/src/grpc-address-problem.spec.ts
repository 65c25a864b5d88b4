import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { GrpcServer, Health } from '#platform';
import { grpcAddressProblem } from './grpc-address-problem.js';

describe('an address that gRPC cannot listen at', () => {
  const other = createServer();
  beforeAll(async () => {
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
  });
  afterAll(() => {
    other.close();
  });

  async function failure(address: string): Promise<unknown> {
    const server = new GrpcServer(address, new Health());
    try {
      return await server.createClient();
    } catch (error) {
      return error;
    } finally {
      await server.close();
    }
  }

  it('is told as it is at the start: in use', async () => {
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(grpcAddressProblem(taken, await failure(taken))).toBe(
      `GRPC_ADDRESS="${taken}": address in use: is another purser running?`,
    );
  });

  it('is told as it is at the start: of another machine', async () => {
    // Of a range that is set aside for documentation.
    const foreign = '192.0.2.1:54051';
    expect(grpcAddressProblem(foreign, await failure(foreign))).toBe(
      `GRPC_ADDRESS="${foreign}": not an address of this machine`,
    );
  });

  it('is not made of other errors', () => {
    expect(grpcAddressProblem('127.0.0.1:54051', new Error('EADDRINUSE'))).toBeUndefined();
  });
});
