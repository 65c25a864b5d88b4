import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { NobodyReads, writerOf } from './writer.js';

describe('what is written to the output', () => {
  const failing = (code: string): Writable =>
    new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })),
    });

  it('is waited for until it is taken', async () => {
    const taken: string[] = [];
    let take: () => void = () => undefined;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        take = () => {
          taken.push(chunk.toString());
          done();
        };
      },
    });
    const writing = writerOf(slow)('one');
    expect(taken).toEqual([]);
    take();
    await writing;
    expect(taken).toEqual(['one']);
  });

  it('is no failure where nobody reads any further', async () => {
    const write = writerOf(failing('EPIPE'));
    await expect(write('one')).rejects.toBeInstanceOf(NobodyReads);
    await expect(write('two')).rejects.toBeInstanceOf(NobodyReads);
  });

  it('is said to be lost where there is no room for it', async () => {
    const write = writerOf(failing('ENOSPC'));
    await expect(write('one')).rejects.toMatchObject({
      name: 'OutputFailed',
      message: 'standard output: ENOSPC: write',
    });
  });
});
