import { describe, expect, it } from '@jest/globals';
import { readAccount } from '#journal';
import { ledgerFixture, subscribe, type Fixture } from '../testing/fixture.js';

const customer = 'cust_42';
const HOUR_MS = 3_600_000;
const MONTH_MS = 31 * 24 * HOUR_MS;

async function typesOf({ eventStore }: Fixture): Promise<string[]> {
  const types: string[] = [];
  for await (const batch of readAccount(eventStore, customer))
    types.push(...batch.map(({ event }) => event.type));
  return types;
}

describe('the scheduler', () => {
  it('records renewal and expiry on time with no usage at all', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await fixture.project();
    expect(await side.scheduler.sweep()).toBe(0);

    fixture.clock.advance(MONTH_MS);
    expect(await side.scheduler.sweep()).toBe(1);
    await fixture.project();
    // The old allowance is kept aside for an hour of late usage.
    expect(await typesOf(fixture)).toEqual(['SubscriptionStarted', 'CreditsGranted', 'CreditsGranted']);

    fixture.clock.advance(HOUR_MS);
    expect(await side.scheduler.sweep()).toBe(1);
    expect((await typesOf(fixture)).at(-1)).toBe('CreditsExpired');
  });

  it('changes nothing when it runs twice, or on two machines at once', async () => {
    const fixture = await ledgerFixture();
    const [one, two] = [fixture.process(), fixture.process()];
    await subscribe(one, customer);
    await fixture.project();
    fixture.clock.advance(MONTH_MS + HOUR_MS);
    await Promise.all([one.scheduler.sweep(), two.scheduler.sweep(), one.scheduler.sweep()]);
    await two.scheduler.sweep();
    expect(await typesOf(fixture)).toEqual([
      'SubscriptionStarted',
      'CreditsGranted',
      'CreditsExpired',
      'CreditsGranted',
    ]);
  });

  it('catches up period by period after a long downtime', async () => {
    const fixture = await ledgerFixture();
    const side = fixture.process();
    await subscribe(side, customer);
    await fixture.project();
    fixture.clock.advance(12 * MONTH_MS);
    await side.scheduler.sweep();
    const types = await typesOf(fixture);
    expect(types.filter((type) => type === 'CreditsGranted')).toHaveLength(13);
    expect(types.filter((type) => type === 'CreditsExpired')).toHaveLength(12);
  });
});
