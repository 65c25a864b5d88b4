import { describe, expect, it } from '@jest/globals';
import { EventStoreUnusable } from '#event-store';
import { startLoopback } from '#event-store/testing/loopback';
import { openStores } from './open-stores.js';

describe('opening the stores', () => {
  const open = async (
    options: { readonly calledVersion?: string; readonly silent?: boolean },
    signal: AbortSignal,
  ): Promise<unknown> => {
    const { silent = false, ...server } = options;
    const loopback = await startLoopback(server);
    loopback.faults.silentFeatures = silent;
    try {
      const onAway = (): void => undefined;
      return await openStores({ eventStoreUrl: loopback.url, readStoreUrl: '' }, { signal, onAway });
    } finally {
      await loopback.stop();
    }
  };

  it('is refused by an event store that is too old', async () => {
    const opening = open({ calledVersion: '22.10.5' }, new AbortController().signal);
    await expect(opening).rejects.toBeInstanceOf(EventStoreUnusable);
  });

  it('ends at once when it is to, whatever the server keeps from saying', async () => {
    expect(await open({ silent: true }, AbortSignal.timeout(50))).toBeUndefined();
  });
});
