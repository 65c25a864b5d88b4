import { setImmediate } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { textTo } from './text-to.js';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('text to a stream', () => {
  it('is written, and forgotten once nobody reads it any more', async () => {
    const heard: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        if (heard.push(text) === 2) done(failure('EPIPE'));
        else done();
      },
    });
    const write = textTo(stream);
    for (const text of ['a', 'b', 'c']) {
      write(text);
      await setImmediate();
    }
    expect(heard).toEqual(['a', 'b']);
  });

  it('fails aloud for any other reason', () => {
    const stream = new Writable();
    textTo(stream);
    expect(() => stream.emit('error', failure('ENOSPC'))).toThrow('ENOSPC');
  });
});
