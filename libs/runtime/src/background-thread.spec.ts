import { afterEach, expect, it } from '@jest/globals';
import { createLogger, createMetrics, Health } from '#platform';
import { startThread, type BackgroundThread } from './background-thread.js';

let thread: BackgroundThread;
let health: Health;
afterEach(() => thread.stop());

/** A thread that runs these statements, once it has begun. */
async function started(statements: string): Promise<void> {
  health = new Health();
  const text = `import { parentPort } from 'node:worker_threads'; ${statements}; parentPort.postMessage('begun');`;
  const module = new URL(`data:text/javascript,${encodeURIComponent(text)}`);
  const surroundings = { health, logger: createLogger('silent', 'test'), metrics: createMetrics() };
  await new Promise((begun) => {
    thread = startThread('spec', module, {}, surroundings, begun);
  });
}

it('a thread that fails when it is told to stop has stopped all the same, and is no defect', async () => {
  await started(`parentPort.on('message', () => { throw new Error('the store is away'); })`);
  await thread.stop();
  expect(health.live()).toEqual({ healthy: true, parts: {} });
});

it('a thread that fails by itself is a defect', async () => {
  await started(`parentPort.on('message', () => {}); setImmediate(() => { throw new Error('a bug'); })`);
  while (health.live().healthy) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(health.live().parts).toEqual({ defect: expect.stringContaining('a bug') });
});
