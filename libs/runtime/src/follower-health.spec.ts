import { beforeEach, describe, expect, it } from '@jest/globals';
import { FollowerHealth, type FollowerMessage } from './follower-health.js';

type State = Extract<FollowerMessage, { kind: 'state' }>['state'];

describe('the health of a follower', () => {
  let now: number;
  let behind: (number | undefined)[];
  let follower: FollowerHealth;
  beforeEach(() => {
    now = 100_000;
    behind = [];
    follower = new FollowerHealth({
      log: () => undefined,
      behind: (sinceMs) => behind.push(sinceMs),
      now: () => now,
    });
  });

  const state = (told: State, reason?: string): void => {
    follower.hear({ kind: 'state', state: told, ...(reason !== undefined && { reason }) });
  };
  const complaint = (): Promise<string | undefined> =>
    follower.check().then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );

  it('is well once it works or waits for another one, not when another one was quicker', async () => {
    expect(await complaint()).toBe('starting');
    state('unready', 'the broker is away');
    expect(await complaint()).toBe('the broker is away');
    state('superseded', 'somebody was quicker');
    expect(await complaint()).toBe('the broker is away');
    state('active');
    expect(await complaint()).toBeUndefined();
    state('unready');
    state('standby');
    expect(await complaint()).toBeUndefined();
  });

  it('is stuck when it has got nothing done for ten seconds though events wait, and well when it gets on', async () => {
    state('active');
    now += 60_000;
    expect(await complaint()).toBeUndefined();
    follower.hear({ kind: 'behind', sinceMs: now - 2_000 });
    expect(await complaint()).toBeUndefined();
    now += 10_000;
    expect(await complaint()).toBe('nothing done for 12 s, though events wait');
    // Long behind, as in a rebuild, but getting on.
    follower.moved(5_000);
    expect(await complaint()).toBeUndefined();
    follower.moved(undefined);
    now += 60_000;
    expect(await complaint()).toBeUndefined();
  });

  it('has nothing to be behind with once another one does the work', () => {
    follower.hear({ kind: 'behind', sinceMs: 1 });
    state('standby');
    expect(behind).toEqual([1, undefined]);
  });
});
