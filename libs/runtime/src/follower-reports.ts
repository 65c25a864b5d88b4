import type { FollowerMessage } from './follower-health.js';

/** Tells the main thread how a follower stands, by the reports that the projector and the streams out have in common. */
export function followerReports(tell: (message: FollowerMessage) => void) {
  return {
    active: (): void => {
      tell({ kind: 'state', state: 'active' });
    },
    standby: (behindSinceMs?: number): void => {
      tell({ kind: 'state', state: 'standby', behindSinceMs });
    },
    unready: ({ message }: Error): void => {
      tell({ kind: 'state', state: 'unready', reason: message });
    },
    superseded: ({ message }: Error): void => {
      tell({ kind: 'state', state: 'superseded', reason: message });
    },
    behind: (sinceMs: number): void => {
      tell({ kind: 'behind', sinceMs });
    },
  };
}
