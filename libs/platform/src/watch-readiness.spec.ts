import { afterEach, expect, it } from '@jest/globals';
import { Health } from './health.js';
import { watchReadiness } from './watch-readiness.js';

let stop: (() => void) | undefined;
afterEach(() => stop?.());

it('readiness is told when it changes, and not at each look', async () => {
  const health = new Health();
  let away = true;
  let looks = 0;
  health.add({
    name: 'event store',
    check: () => {
      looks += 1;
      return away ? Promise.reject(new Error('away')) : Promise.resolve();
    },
  });
  const told: boolean[] = [];
  stop = watchReadiness(health, ({ healthy }) => told.push(healthy), 1);
  const lookMore = async (): Promise<void> => {
    const seen = looks;
    while (looks < seen + 3) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await lookMore();
  away = false;
  await lookMore();
  expect(told).toEqual([false, true]);
  stop();
  away = true;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(told).toEqual([false, true]);
});
