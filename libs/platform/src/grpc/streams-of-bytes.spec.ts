import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from '@jest/globals';
import { loaderOptions, protoFiles, type rpc } from '#contracts';
import { writePlainly } from './plain-responses.js';
import { carryBytes } from './streams-of-bytes.js';

const BALANCE = { creditSystem: 's', totalAvailable: '3', included: '3', purchased: '0', promotional: '0' };

describe('the services of a server', () => {
  const plain = loadSync(protoFiles(), loaderOptions);
  const changed = loadSync(protoFiles(), loaderOptions);
  writePlainly(changed);
  carryBytes(changed);

  function methods(name: string, method: string) {
    const [before, after] = [plain, changed].map(
      (definition) => (definition[name] as ServiceDefinition)[method],
    );
    if (!before || !after) throw new Error(`no ${name}/${method}`);
    return { before, after };
  }

  it('answer with the bytes that a client of proto-loader reads', () => {
    const { before, after } = methods('purser.v1.LedgerService', 'RecordUsage');
    const response: rpc.RecordUsageResponse = {
      outcome: 'DEBITED',
      credits: '1.5',
      draws: [{ grantId: 'g1', source: 'PROMOTIONAL', amount: '1.5' }],
      uncovered: '0',
      disposition: 'UNCOVERED_DISPOSITION_UNSPECIFIED',
      wallet: { ...BALANCE, held: '0' },
      revision: 4_000_000_000_000,
    };
    const bytes = after.responseSerialize(response);
    expect(bytes.equals(before.responseSerialize(response))).toBe(true);
    expect(before.responseDeserialize(bytes)).toEqual(response);
    expect(after.requestDeserialize(Buffer.alloc(0))).toEqual(before.requestDeserialize(Buffer.alloc(0)));
  });

  it('leave the messages of bidirectional calls alone, and of no others', () => {
    const stream = methods('purser.v1.LedgerService', 'RecordUsageStream').after;
    const bytes = Buffer.from('anything');
    expect(stream.requestDeserialize(bytes)).toBe(bytes);
    expect(stream.responseSerialize(bytes)).toBe(bytes);
    const watch = methods('purser.v1.WalletService', 'WatchWallet');
    const update = { wallet: { balance: { ...BALANCE, held: '0' } }, revision: 3 };
    expect(watch.after.responseSerialize(update).equals(watch.before.responseSerialize(update))).toBe(true);
  });
});
