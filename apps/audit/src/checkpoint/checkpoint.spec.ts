import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEventStore } from '#adapters';
import { accountStream, chainEvent, GENESIS_HASH, readCheckpoint, readLink } from '#contracts';
import type { EventStore, RecordedEvent } from '#event-store';
import { TestLedger } from '../../../../libs/read-side/src/testing/test-ledger.js';
import { audited } from '../testing/audited.js';

describe('checkpoints of a ledger', () => {
  let folder: string;
  let url: string;
  let eventStore: EventStore;
  let ledger: TestLedger;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'purser-checkpoint-'));
    url = `sqlite:${join(folder, 'events.db')}`;
    eventStore = openEventStore(url);
    ledger = await new TestLedger(eventStore).withBasicPlan();
    for (const customer of ['ann', 'bob', 'zoë']) await ledger.subscribe(customer);
    await ledger.grant('ann', '20');
    await ledger.use('bob', 'u1', '1');
  });

  afterEach(async () => {
    await eventStore.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const audit = (args: readonly string[], environment: Record<string, string> = {}) =>
    audited(['--event-store', url, ...args], environment);

  const path = (name: string): string => join(folder, name);
  const verify = (...args: string[]) => audit(['checkpoint', 'verify', path('checkpoint.json'), ...args]);

  async function take(...args: string[]): Promise<void> {
    const { exit, out } = await audit(['checkpoint', ...args]);
    expect(exit).toBe(0);
    writeFileSync(path('checkpoint.json'), out);
  }

  function edit(change: (text: string) => string): void {
    const text = readFileSync(path('checkpoint.json'), 'utf8');
    const edited = change(text);
    expect(edited).not.toBe(text);
    writeFileSync(path('checkpoint.json'), edited);
  }

  function keyFile(name: string, key: KeyObject): string {
    const type = key.type === 'private' ? 'pkcs8' : 'spki';
    writeFileSync(path(name), key.export({ format: 'pem', type }));
    return path(name);
  }

  /** Puts in place of the ledger a copy whose events were changed by somebody who can write the store. */
  async function forge(copy: (events: readonly RecordedEvent[]) => readonly RecordedEvent[]): Promise<void> {
    const events: RecordedEvent[] = [];
    for await (const batch of eventStore.readAll({ streamPrefixes: [''] })) events.push(...batch);
    url = `sqlite:${path('forged.db')}`;
    const forged = openEventStore(url);
    for (const { stream, revision, ...event } of copy(events)) {
      await forged.append(stream, revision - 1, [event]);
    }
    await forged.close();
  }

  /** A stream written anew from some revision on, with hashes that are right again. */
  function rechained(events: readonly RecordedEvent[], stream: string, change: (data: string) => string) {
    let previous = GENESIS_HASH;
    return events.map((event): RecordedEvent => {
      if (event.stream !== stream) return event;
      const data = Buffer.from(change(Buffer.from(event.data).toString()));
      const { id, metadata, hash } = chainEvent(previous, { ...event, data });
      previous = hash;
      return { ...event, data, id, metadata };
    });
  }

  it('have the head of every stream, by name, and the place of the last event', async () => {
    await take();
    const taken = readCheckpoint(readFileSync(path('checkpoint.json'), 'utf8'));
    expect(taken.heads.map(({ stream, revision }) => [stream, revision])).toEqual([
      ['account-ann', ledger.revision('ann')],
      ['account-bob', ledger.revision('bob')],
      ['account-zoë', ledger.revision('zoë')],
      ['catalog', 2],
    ]);
    const [last] = await lastEvents();
    expect(taken.position).toBe(String(last?.position));
    const bob = taken.heads.find(({ stream }) => stream === 'account-bob');
    expect(bob?.hash).toBe(readLink(last?.metadata ?? new Uint8Array()).hash);
    expect(taken.signature).toBeNull();
  });

  async function lastEvents(): Promise<readonly RecordedEvent[]> {
    for await (const batch of eventStore.readStream(accountStream('bob'), {
      direction: 'backward',
      limit: 1,
    }))
      return batch;
    return [];
  }

  it('are passed by streams that have grown, and by new ones', async () => {
    await take();
    await ledger.use('ann', 'u2', '3');
    await ledger.subscribe('dan');
    const { exit, out, err } = await verify();
    expect(out).toMatch(/^4 streams as of .*Z, 5 now: every one passes through its head of then\n$/);
    expect(err).toMatch('is not signed');
    expect(exit).toBe(0);
  });

  it('find a stream that was written anew, hashes and all', async () => {
    await take();
    await forge((events) => rechained(events, 'account-ann', (data) => data.replace('"20"', '"2000"')));
    const { exit, out } = await verify();
    expect(out).toMatch(
      /^account-ann: revision \d+: the checkpoint has [0-9a-f]{64}, but it is [0-9a-f]{64}$/m,
    );
    expect(out).toMatch(/1 findings\n$/);
    expect(exit).toBe(1);
  });

  it('find a changed byte, though the hash beside it was left as it was', async () => {
    await take();
    await forge((events) =>
      events.map((event) => ({
        ...event,
        data: Buffer.from(Buffer.from(event.data).toString().replace('"welcome"', '"welcomE"')),
      })),
    );
    const { exit, out } = await verify();
    expect(out).toMatch(/^account-ann: revision \d+: says that its hash is/m);
    expect(exit).toBe(1);
    const none = await audit(['checkpoint']);
    expect(none).toMatchObject({ exit: 1, out: '' });
    expect(none.err).toMatch('1 faults: no checkpoint is taken of a broken chain');
  });

  it('find what was cut off, and a stream that is gone', async () => {
    await take();
    const last = ledger.revision('ann');
    await forge((events) =>
      events.filter(
        ({ stream, revision }) =>
          stream !== 'account-zoë' && !(stream === 'account-ann' && revision === last),
      ),
    );
    const { exit, out } = await verify();
    expect(out).toContain(
      `account-ann: the checkpoint has revision ${last}, but the stream ends at revision ${last - 1}\n`,
    );
    expect(out).toMatch(/^account-zoë: the checkpoint has revision \d+, but there is no such stream$/m);
    expect(exit).toBe(1);
  });

  describe('when signed', () => {
    const owner = generateKeyPairSync('ed25519');
    const stranger = generateKeyPairSync('ed25519');

    it('are good with the key they were signed with, and with no other', async () => {
      await take('--key', keyFile('key.pem', owner.privateKey));
      expect((await verify('--public-key', keyFile('public.pem', owner.publicKey))).exit).toBe(0);
      const other = await verify('--public-key', keyFile('stranger.pem', stranger.publicKey));
      expect(other.out).toMatch(/^checkpoint: signed with another key/);
      expect(other.exit).toBe(1);
      const without = await verify();
      expect(without.err).toMatch('only --public-key can tell whose key that is');
      expect(without.exit).toBe(0);
    });

    it('are signed with the configured key where none is named', async () => {
      const { out } = await audit(['checkpoint'], { CHECKPOINT_KEY: keyFile('key.pem', owner.privateKey) });
      writeFileSync(path('checkpoint.json'), out);
      expect((await verify('--public-key', keyFile('public.pem', owner.publicKey))).exit).toBe(0);
    });

    it.each([
      [
        'a head',
        (text: string) => text.replace('["account-bob",', '["account-bo",'),
        'says that its digest is',
      ],
      [
        'the time',
        (text: string) => text.replace(/"takenAt": "2/, '"takenAt": "3'),
        'signature is not of this',
      ],
      [
        'the count',
        (text: string) => text.replace('"streams": 4', '"streams": 3'),
        'says 3 streams, but has 4',
      ],
      [
        'the signature',
        (text: string) => text.replace(/"signature": .*,\n/, '"signature": null,\n'),
        'is not signed',
      ],
    ])('are not good when %s was changed', async (_what, change, finding) => {
      await take('--key', keyFile('key.pem', owner.privateKey));
      edit(change);
      const { exit, out } = await verify('--public-key', keyFile('public.pem', owner.publicKey));
      expect(out).toContain(finding);
      expect(exit).toBe(1);
    });
  });

  it('end with 2 for what is no key, no checkpoint, or not there', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const wrong = await audit(['checkpoint', '--key', keyFile('rsa.pem', rsa.privateKey)]);
    expect(wrong.err).toMatch('signed with Ed25519, not rsa');
    writeFileSync(path('checkpoint.json'), '{}');
    const exits = [wrong, await verify(), await audit(['checkpoint', 'verify', path('nothing.json')])];
    exits.push(await audit(['checkpoint', 'check']), await audit(['checkpoint', '--key', path('none.pem')]));
    expect(exits.map(({ exit }) => exit)).toEqual([2, 2, 2, 2, 2]);
  });

  it('of an empty ledger say that there was nothing', async () => {
    await forge(() => []);
    await take();
    expect((await verify()).exit).toBe(0);
    expect(readCheckpoint(readFileSync(path('checkpoint.json'), 'utf8')).position).toBe('none');
  });
});
