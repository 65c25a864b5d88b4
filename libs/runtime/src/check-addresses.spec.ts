import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { InvalidSettings, readSettings, type Settings } from '#platform';
import { checkAddresses } from './check-addresses.js';

describe('the addresses of a process', () => {
  const others: Server[] = [];
  afterEach(() => {
    for (const other of others.splice(0)) other.close();
  });

  async function takenPort(): Promise<number> {
    const other = createServer().listen(0, '127.0.0.1');
    others.push(other);
    await once(other, 'listening');
    return (other.address() as AddressInfo).port;
  }

  function checked(grpc: string, http: string): Promise<Settings> {
    return checkAddresses(readSettings({ GRPC_ADDRESS: grpc, HTTP_ADDRESS: http }));
  }

  it('are told by their variable when another process listens there', async () => {
    const taken = `127.0.0.1:${await takenPort()}`;
    const message = `="${taken}": address in use: is another purser running?`;
    await expect(checked(taken, '127.0.0.1:0')).rejects.toThrow(
      new InvalidSettings(`GRPC_ADDRESS${message}`),
    );
    await expect(checked('127.0.0.1:0', taken)).rejects.toThrow(
      new InvalidSettings(`HTTP_ADDRESS${message}`),
    );
  });

  it('must be two', async () => {
    const { grpcAddress } = await checked('127.0.0.1:0', '127.0.0.1:0');
    await expect(checked(grpcAddress, grpcAddress)).rejects.toThrow(/^HTTP_ADDRESS=".*": address in use/);
  });

  it('must be of this machine', async () => {
    // Of a range that is set aside for documentation.
    await expect(checked('192.0.2.1:50051', '127.0.0.1:0')).rejects.toThrow(
      'GRPC_ADDRESS="192.0.2.1:50051": not an address of this machine',
    );
  });

  it('have the ports that were chosen where 0 was asked for, free to be listened at', async () => {
    const { grpcAddress, http } = await checked('127.0.0.1:0', '127.0.0.1:0');
    expect(grpcAddress).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(http).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(await checked(grpcAddress, `127.0.0.1:${http.port}`)).toMatchObject({ grpcAddress, http });
  });
});
