import { expect, it, jest } from '@jest/globals';
import { instant } from '#domain';
import { connectCatalog, type CatalogService } from './catalog-client.js';
import { ChangedMeanwhile } from './changed-meanwhile.js';
import { loadCatalog } from './load-catalog.js';
import { parsePlanFile } from './plan-source.js';
import { rehearse } from './rehearsal.js';
import { send } from './send.js';
import { startService } from './testing/running-service.js';

// It starts a service of its own; on a busy machine that takes a while.
jest.setTimeout(60_000);

it('tells afterwards what a service of a former version, which knows no expected drafts, has published', async () => {
  const running = await startService();
  const client = connectCatalog(running.address);
  const apply = async (service: CatalogService, name: string): Promise<void> => {
    const { file } = parsePlanFile(`plans: [{ id: pro, name: ${name} }]`, 'plans.yaml');
    const rehearsal = rehearse(file, await loadCatalog(service), name, instant('2026-03-10T12:00:00Z'));
    await send(service, rehearsal, name);
  };
  const former: CatalogService = {
    ...client,
    publishPlan: async ({ idempotencyKey, planId, actor }) => {
      await apply(client, 'Theirs');
      return client.publishPlan({ idempotencyKey, planId, actor });
    },
  };
  try {
    const applied = apply(former, 'Mine');
    await expect(applied).rejects.toMatchObject({
      step: { entry: 'plans[0]' },
      cause: expect.any(ChangedMeanwhile),
    });
    await expect(applied).rejects.toThrow(/after PublishPlan it does not say .* name: Mine → Theirs/);
  } finally {
    client.close();
    await running.stop();
  }
});
