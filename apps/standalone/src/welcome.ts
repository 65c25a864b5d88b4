import type { Settings } from '#platform';

/** What a person at a terminal wants to know first. */
export function welcome({ grpcAddress, http, dataDir, kafkaBrokers }: Settings): string {
  return `
  Purser is ready.

    gRPC    ${grpcAddress}  (reflection on; services purser.v1.*)
    health  http://${http.host}:${http.port}/readyz   metrics /metrics
    usage   ${kafkaBrokers ? `Kafka at ${kafkaBrokers.join(', ')}, and gRPC` : 'over gRPC (set KAFKA_BROKERS for Kafka)'}
    data    ${dataDir}

  A first debit, in another terminal:
    npm run catalog -- apply examples/ai-tokens.yaml
    npm run demo

`;
}
