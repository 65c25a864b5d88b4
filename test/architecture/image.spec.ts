import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { NODE_FLAGS } from '#scripts/lib/node-flags.mjs';

describe('the image', () => {
  it('starts Node with the flags that every other start of a process uses', () => {
    const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    expect(JSON.parse(entrypoint)).toEqual(['node', ...NODE_FLAGS]);
  });
});
