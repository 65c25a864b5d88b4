import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { rpc } from '#contracts';
import { REJECTION_SORTS } from '#domain';

const text = (path: string): string => readFileSync(path, 'utf8');
const page = text('docs/answers.md');

/** What of these the page does not name. */
const missing = (names: readonly string[]): string[] => names.filter((name) => !page.includes(`\`${name}\``));

/** Every first group of a pattern in a source file; an empty list means that the pattern has had its day. */
function namesIn(path: string, pattern: RegExp): string[] {
  const names = [...text(path).matchAll(pattern)].map(([, name = '']) => name);
  if (names.length === 0) throw new Error(`${path} has nothing like ${pattern.source}`);
  return names;
}

describe('the page of answers names', () => {
  it('every reason the rules refuse with', () => {
    expect(missing(Object.keys(REJECTION_SORTS))).toEqual([]);
  });

  it('every reason of a call that failed for the moment', () => {
    expect(missing(namesIn('libs/platform/src/grpc/grpc-failure.ts', /reason: '([A-Z_]+)'/g))).toEqual([]);
  });

  it('every reason for which a message is no usage event', () => {
    expect(missing(namesIn('libs/contracts/src/usage/usage.ts', /\| '([a-z-]+)'/g))).toEqual([]);
  });

  it('every outcome of a usage event', () => {
    const outcomes = Object.values(rpc.UsageOutcome).filter((name) =>
      /^(?!USAGE_OUTCOME_)[A-Z_]+$/.test(name),
    );
    expect(outcomes).toContain('DEBITED');
    expect(missing(outcomes)).toEqual([]);
  });
});
