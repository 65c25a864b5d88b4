import { describe, expect, it } from '@jest/globals';
import { Health } from './health.js';

const well = (): Promise<void> => Promise.resolve();
const away = (): Promise<void> => Promise.reject(new Error('the broker is away'));

describe('readiness', () => {
  it('is red while a part cannot work, and names the reason', async () => {
    const health = new Health();
    health.add({ name: 'event store', check: well });
    expect(await health.ready()).toEqual({ healthy: true, parts: { 'event store': 'ok' } });
    health.add({ name: 'read store', check: away });
    expect(await health.ready()).toEqual({
      healthy: false,
      parts: { 'event store': 'ok', 'read store': 'the broker is away' },
    });
  });

  it('shows a part that callers do not need without turning red', async () => {
    const health = new Health();
    health.add({ name: 'streams out', advisory: true, check: away });
    expect(await health.ready()).toEqual({ healthy: true, parts: { 'streams out': 'the broker is away' } });
  });

  it('is red until the process has started, whatever its parts say', async () => {
    const health = new Health();
    health.starting();
    health.add({ name: 'event store', check: well });
    expect(await health.ready()).toEqual({
      healthy: false,
      parts: { 'event store': 'ok', process: 'starting' },
    });
    health.started();
    expect(await health.ready()).toEqual({ healthy: true, parts: { 'event store': 'ok' } });
  });

  it('stays red when the process is told to stop before it has started', async () => {
    const health = new Health();
    health.starting();
    health.stopping();
    health.started();
    expect(await health.ready()).toEqual({ healthy: false, parts: { process: 'stopping' } });
  });

  it('says of a part what its latest check says', async () => {
    const health = new Health();
    health.add({ name: 'event store', check: away });
    health.add({ name: 'event store', check: well });
    expect(await health.ready()).toEqual({ healthy: true, parts: { 'event store': 'ok' } });
  });

  it('is red when the process is stopping, and for good after a defect, which liveness shows as well', async () => {
    const health = new Health();
    health.stopping();
    expect(await health.ready()).toEqual({ healthy: false, parts: { process: 'stopping' } });
    expect(health.live()).toEqual({ healthy: true, parts: {} });
    health.defect(new Error('the first'));
    health.defect(new Error('the second'));
    expect(health.live()).toEqual({ healthy: false, parts: { defect: 'the first' } });
    expect((await health.ready()).parts).toMatchObject({ defect: 'the first' });
  });
});
