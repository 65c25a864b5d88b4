import { expect, it } from '@jest/globals';
import type { Logger } from './logging.js';
import { toldTrouble } from './told-trouble.js';

it('trouble is told when it begins, when it becomes another one and when it is over, not each time it is met', () => {
  const lines: string[] = [];
  const logger = {
    warn: ({ err, ...details }: { err: Error }, text: string) =>
      lines.push(`warn ${text}: ${err.message} ${JSON.stringify(details)}`),
    info: (text: string) => lines.push(`info ${text}`),
  } as unknown as Logger;
  const trouble = toldTrouble(logger, 'the sweep failed', 'the sweep goes well again');
  trouble.over();
  for (let times = 0; times < 3; times++) trouble.met(new Error('refused'), { accounts: 2 });
  trouble.met(new Error('the disk is full'));
  trouble.over();
  trouble.over();
  trouble.met(new Error('the disk is full'));
  expect(lines).toEqual([
    'warn the sweep failed: refused {"accounts":2}',
    'warn the sweep failed: the disk is full {}',
    'info the sweep goes well again',
    'warn the sweep failed: the disk is full {}',
  ]);
});
