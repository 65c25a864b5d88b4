import { afterEach, beforeEach, describe } from '@jest/globals';
import type { AccountChange } from '#projections';
import type { ReadStore } from '../../port.js';
import { describeBatches } from './batches.js';
import type { OpenOptions, ReadStoreFixture, Stage } from './fixture.js';
import { describeHistory } from './history.js';
import { describeLookups } from './lookups.js';
import { describeOutdated } from './outdated.js';
import { describeSchedule } from './schedule.js';

export type { OpenOptions, ReadStoreFixture } from './fixture.js';

/** What every adapter of the read store promises. Each test has a fixture of its own. */
export function describeReadStore(name: string, createFixture: () => Promise<ReadStoreFixture>): void {
  describe(`read store: ${name}`, () => {
    let stage: Stage | undefined;
    let cleanUp: () => Promise<void> = () => Promise.resolve();

    beforeEach(async () => {
      const fixture = await createFixture();
      const opened: ReadStore[] = [];
      cleanUp = async () => {
        for (const store of opened) await store.close();
        await fixture.destroy();
      };
      const another = async (options?: OpenOptions): Promise<ReadStore> => {
        const store = await fixture.open(options);
        opened.push(store);
        return store;
      };
      const store = await another();
      stage = { store, another, apply: nextBatches(store) };
    });

    afterEach(() => cleanUp());

    const getStage = (): Stage => {
      if (!stage) throw new Error('no stage outside of a test');
      return stage;
    };
    describeBatches(getStage);
    describeLookups(getStage);
    describeOutdated(getStage);
    describeHistory(getStage);
    describeSchedule(getStage);
  });
}

function nextBatches(store: ReadStore): Stage['apply'] {
  let last: bigint | undefined;
  return async (...changes: AccountChange[]) => {
    const checkpoint = (last ?? 0n) + 10n;
    await store.apply({ projector: 'p', after: last, checkpoint, changes });
    last = checkpoint;
    return checkpoint;
  };
}
