import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe('docker-compose.yml', () => {
  it('puts no variable into a URL, where what it holds would have to be escaped', () => {
    const urls = readFileSync('docker-compose.yml', 'utf8').match(/^.*\w:\/\/.*$/gm) ?? [];
    expect(urls).toContainEqual(expect.stringContaining('postgres://'));
    expect(urls.filter((line) => line.includes('$'))).toEqual([]);
  });
});
