import { expect, it } from '@jest/globals';
import type { Logger } from '#platform';
import { streamLogger } from './stream-logger.js';

it('a warning that is said again and again is one once a minute, and at once again after there was news', () => {
  const lines: string[] = [];
  const log = (level: string) => (_: object, message: string) => {
    if (level !== 'debug') lines.push(`${level} ${message}`);
  };
  let now = 0;
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn') } as unknown as Logger;
  const said = streamLogger(logger, () => now);
  for (; now < 90_000; now += 5_000) {
    said.warn('lost the connection');
    said.warn('no topics');
  }
  expect(lines).toEqual([
    'warn lost the connection',
    'warn no topics',
    'warn lost the connection',
    'warn no topics',
  ]);
  said.info('joined');
  said.warn('lost the connection');
  expect(lines.slice(4)).toEqual(['info joined', 'warn lost the connection']);
});
