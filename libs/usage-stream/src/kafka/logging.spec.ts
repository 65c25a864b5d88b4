import { expect, it } from '@jest/globals';
import { logLevel } from 'kafkajs';
import { kafkajsLogs, silentLogger } from './logging.js';

it('what kafkajs says of each of its retries is for debugging, errors as well', () => {
  const lines: string[] = [];
  const log = kafkajsLogs({
    ...silentLogger,
    debug: (message) => lines.push(`debug ${message}`),
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
  })(logLevel.INFO);
  for (const level of [logLevel.ERROR, logLevel.WARN, logLevel.INFO]) {
    log({ level, namespace: 'Connection', label: '', log: { message: 'refused', timestamp: '' } });
  }
  expect(lines).toEqual(Array(3).fill('debug kafkajs Connection: refused'));
});
