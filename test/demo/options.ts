import { parseArgs } from 'node:util';
import { readSettings } from '#platform';
import { wholeNumber } from '../support/options-or-exit.js';

export const USAGE = `usage: npm run demo -- [--customers 1000] [--usages 20000] [--seed 42] [--ledger <address>] [--query <address>]
  --customers  how many customers use something
  --usages     usage events that count, before repeated and hostile ones are mixed in
  --seed       the same seed makes the same day
  --ledger     host:port of the write side (default GRPC_ADDRESS, or 127.0.0.1:50051)
  --query      host:port of the read side (default likewise)
  Goes through Kafka when KAFKA_BROKERS is set, over gRPC otherwise.`;

export interface Options {
  readonly customers: number;
  readonly usages: number;
  readonly seed: number;
  /** Addresses. */
  readonly ledger: string;
  readonly query: string;
  /** Undefined: over gRPC. */
  readonly kafka: { readonly brokers: readonly string[]; readonly topic: string } | undefined;
  readonly help: boolean;
}

/** @throws Error naming the option, or the variables, that make no sense */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { grpcAddress: address, kafkaBrokers, usageTopic } = readSettings(environment);
  const { values } = parseArgs({
    args: [...args],
    options: {
      customers: { type: 'string', default: '1000' },
      usages: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '42' },
      ledger: { type: 'string', default: address },
      query: { type: 'string', default: address },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    kafka: kafkaBrokers && { brokers: kafkaBrokers, topic: usageTopic },
    customers: wholeNumber('customers', values.customers),
    usages: wholeNumber('usages', values.usages),
    seed: wholeNumber('seed', values.seed, 0),
  };
}
