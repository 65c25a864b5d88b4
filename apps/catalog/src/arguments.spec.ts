import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.js';
import { userName } from './user-name.js';

const nobody = () => {
  throw new Error('uv_os_get_passwd returned ENOENT');
};

describe('who applies a file', () => {
  it('is the user of the terminal unless it is somebody else', () => {
    const user = () => 'ops';
    expect(readArguments(['apply', 'a.yaml'], {}, user).actor).toBe('catalog file, ops');
    expect(readArguments(['apply', 'a.yaml', '--actor', 'me'], {}, nobody).actor).toBe('me');
  });

  it('is called by number where the number has no name', () => {
    expect(userName(nobody)).toBe(`uid ${process.getuid?.()}`);
    expect(userName(() => ({ username: 'ops' }))).toBe('ops');
  });

  it.each([[['--help']], [['diff', 'a.yaml']], [['export']]])('is nobody’s business in %j', (args) => {
    expect(() => readArguments(args, {}, nobody)).not.toThrow();
  });
});
