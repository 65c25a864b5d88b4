import { Kafka, logLevel, type RetryOptions } from 'kafkajs';

import { registerCodecs } from './codecs.js';
import { replaceFetchDecoding } from './fetch-decoding.js';
import { replaceHeaderDecoding } from './header-decoding.js';
import { kafkajsLogs, silentLogger, type StreamLogger } from './logging.js';
import { replaceNullLengths } from './null-lengths.js';
import { replaceOffsetListing } from './offset-listing.js';
import { replaceProduceEncoding } from './produce-encoding.js';
import { replaceRequestTimers } from './request-timers.js';

/** How to reach the brokers; the same for consumer, producers and administration. */
export interface KafkaConnection {
  /** `host:port`, one or more. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. Default `purser`. */
  readonly clientId?: string;
  /** Default: silence. */
  readonly logger?: StreamLogger;
}

/**
 * What kafkajs retries by itself before it reports a failure: about five seconds, so that a broker's restart passes
 * unnoticed and a real outage is known soon. Everything above this adapter's own loops retry.
 */
export const SHORT_RETRY: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 1000,
  retries: 8,
};

registerCodecs();
replaceFetchDecoding();
replaceHeaderDecoding();
replaceNullLengths();
replaceOffsetListing();
replaceProduceEncoding();
replaceRequestTimers();

export function connect(connection: KafkaConnection): Kafka {
  const { brokers, clientId = 'purser', logger = silentLogger } = connection;
  if (brokers.length === 0) throw new Error('KAFKA_BROKERS names no broker');
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    retry: SHORT_RETRY,
    logLevel: logger === silentLogger ? logLevel.NOTHING : logLevel.INFO,
    logCreator: kafkajsLogs(logger),
  });
}
