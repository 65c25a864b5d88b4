import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

/** Something to execute that ends when it is told to. */
function work(commands: number) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const each = {
    commands: () => commands,
    begun: false,
    end: () => end(),
    run: () => ((each.begun = true), ended),
  };
  return each;
}

async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

describe('turns', () => {
  it('begin within a few turns of the event loop for what comes alone', async () => {
    const [alone] = [work(1)];
    new Turns(() => 1).add(alone);
    await turns(5);
    expect(alone.begun).toBe(true);
  });

  it('wait while more comes in, so that it is executed together', async () => {
    let waiting = 0;
    const queue = new Turns(() => waiting);
    const all = Array.from({ length: 5 }, () => work(100));
    for (const each of all) {
      waiting += 100;
      queue.add(each);
      // A message takes a few turns of the event loop to be read.
      await turns(2);
      expect(all.some(({ begun }) => begun)).toBe(false);
    }
    await turns(5);
    expect(all.every(({ begun }) => begun)).toBe(true);
  });

  it('do not wait for ever for a trickle that never ends', async () => {
    let waiting = 0;
    const queue = new Turns(() => ++waiting);
    const first = work(1);
    queue.add(first);
    await turns(40);
    expect(first.begun).toBe(true);
  });

  it('are given in the order of arrival, about a thousand commands to a turn of the event loop', async () => {
    const all = Array.from({ length: 6 }, () => work(400));
    const queue = new Turns(() => 0);
    for (const each of all) queue.add(each);
    const begun = () => all.map((each) => Number(each.begun)).join('');
    const seen = new Set<string>();
    for (let each = 0; each < 20; each++) {
      seen.add(begun());
      await turns(1);
    }
    expect([...seen]).toEqual(['000000', '111000', '111111']);
  });

  it('wait for those before them only where very many are under way', async () => {
    const slow = Array.from({ length: 600 }, () => work(1));
    const queue = new Turns(() => 0);
    for (const each of slow) queue.add(each);
    await turns(20);
    expect(slow.filter((each) => each.begun)).toHaveLength(512);
    for (const each of slow.slice(0, 88)) each.end();
    await turns(20);
    expect(slow.every((each) => each.begun)).toBe(true);
  });

  it('go to what somebody waits for before a flood, whether it came later or moved up', async () => {
    const flood = Array.from({ length: 6 }, () => work(400));
    const [single, movedUp] = [work(1), work(1)];
    const queue = new Turns(() => 0);
    for (const each of flood) queue.add(each);
    queue.hurry(queue.add(movedUp));
    queue.add(single, true);
    for (let looks = 0; !flood[0]?.begun && looks < 10; looks++) await turns(1);
    expect([movedUp.begun, single.begun]).toEqual([true, true]);
    expect(flood.map(({ begun }) => begun)).toEqual([true, true, true, false, false, false]);
  });

  it('go to a flood as well while many wait for single answers', async () => {
    const singles = Array.from({ length: 3_000 }, () => work(1));
    const flood = work(100);
    const queue = new Turns(() => 0);
    for (const each of singles) queue.add(each, true);
    queue.add(flood);
    singles.forEach((each) => each.end());
    for (let looks = 0; !flood.begun && looks < 10; looks++) await turns(1);
    expect(singles.filter(({ begun }) => begun).length).toBeLessThan(1_000);
  });

  it('come once for what moved up', async () => {
    let runs = 0;
    const turn = { commands: () => 1, run: () => Promise.resolve(void (runs += 1)) };
    const queue = new Turns(() => 0);
    const place = queue.add(turn);
    queue.hurry(place);
    queue.hurry(place);
    await turns(20);
    queue.hurry(place);
    await turns(20);
    expect(runs).toBe(1);
    expect(queue.pending).toBe(false);
  });

  it('wait until those under way have left room, counted in commands', async () => {
    const large = Array.from({ length: 6 }, () => work(1_000));
    const queue = new Turns(() => 0);
    for (const each of large) queue.add(each);
    await turns(40);
    expect(large.map(({ begun }) => begun)).toEqual([true, true, true, true, false, false]);
    large[2]?.end();
    await turns(20);
    expect(large.map(({ begun }) => begun)).toEqual([true, true, true, true, true, false]);
  });

  it('begin even what is larger than a turn', async () => {
    const huge = work(100_000);
    new Turns(() => 0).add(huge);
    await turns(5);
    expect(huge.begun).toBe(true);
  });
});
