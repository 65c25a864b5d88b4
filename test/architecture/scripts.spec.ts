import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe('npm scripts', () => {
  // npm signals the shell that it starts; a shell that waits for Node dies of it alone, and leaves an orphan.
  it('that run Node become it, so that a signal to npm reaches it', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const runNode = Object.entries(scripts).filter(([, command]) => /\bnode\b/.test(command));
    expect(runNode.map(([name]) => name)).toEqual(
      expect.arrayContaining(['start', 'ledger', 'query', 'kafka']),
    );
    expect(runNode.filter(([, command]) => !command.startsWith('exec node '))).toEqual([]);
  });
});
