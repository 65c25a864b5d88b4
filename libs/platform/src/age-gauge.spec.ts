import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { AgeGauge } from './age-gauge.js';

it('the age of what waits grows from look to look though nobody tells anything, and is 0 when nothing waits', async () => {
  const registry = new Registry();
  let now = 1_000;
  const age = new AgeGauge(
    { name: 'age', help: 'of what waits', labelNames: ['of'], registers: [registry] },
    () => now,
  );
  const shown = async (): Promise<string> =>
    (await registry.getSingleMetricAsString('age')).split('\n')[2] ?? '';
  expect(await shown()).toBe('');
  age.since({ of: 'accounts' }, 900);
  expect(await shown()).toBe('age{of="accounts"} 100');
  now = 46_000;
  expect(await shown()).toBe('age{of="accounts"} 45100');
  age.since({ of: 'accounts' }, undefined);
  expect(await shown()).toBe('age{of="accounts"} 0');
});
