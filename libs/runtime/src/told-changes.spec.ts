import { describe, expect, it } from '@jest/globals';
import type { Logger } from '#platform';
import { toldChanges } from './told-changes.js';

describe('the log of what a thread tells', () => {
  it('has each state once, until there is another one', () => {
    const lines: string[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const told = toldChanges({ info: log('info'), warn: log('warn') } as unknown as Logger, 'projector', {
      n: 1,
    });
    told('standby');
    told('standby');
    told('unready', 'a store is away');
    told('unready', 'a store is away');
    told('unready', 'the disk is full');
    told('standby');
    expect(lines).toEqual([
      'info projector standby {"n":1}',
      'warn projector unready {"n":1,"reason":"a store is away"}',
      'warn projector unready {"n":1,"reason":"the disk is full"}',
      'info projector standby {"n":1}',
    ]);
  });
});
