import { describe, expect, it } from '@jest/globals';
import type { KeptDeadLetter, OpenDeadLetters } from '#adapters';
import { readArguments } from '../arguments.js';
import { list, resend } from '../commands/dead-letters.js';
import { audited } from '../testing/audited.js';
import { Selector, SentContents } from './selection.js';

const ENVIRONMENT = { KAFKA_BROKERS: '127.0.0.1:1' };

const letter = (n: number, over: Partial<KeptDeadLetter> = {}): KeptDeadLetter => ({
  key: Buffer.from(`cust_${n}`),
  value: Buffer.from(`{"id":"u-${n}"}`),
  headers: {},
  reason: n % 2 === 0 ? 'malformed' : 'unknown-customer',
  detail: `detail ${n}`,
  origin: `usage-events/0/${n}`,
  keptAtMs: Date.UTC(2026, 0, 1) + n * 1000,
  ...over,
});

/** Dead letters that come two at a time; nothing is sent anywhere. */
class FakeLetters implements Pick<OpenDeadLetters, 'read' | 'resend'> {
  readonly sent: string[] = [];
  readonly tooLarge = new Set<string>();
  readSoFar = 0;

  constructor(private readonly letters: readonly KeptDeadLetter[]) {}

  async read(each: Parameters<OpenDeadLetters['read']>[0]) {
    for (let at = 0; at < this.letters.length; at += 2) {
      const batch = this.letters.slice(at, at + 2);
      this.readSoFar += batch.length;
      if ((await each(batch)) === 'enough') break;
    }
    return { incomplete: 0, strange: 0 };
  }

  resend<T extends Pick<KeptDeadLetter, 'key' | 'value' | 'headers'>>(letters: readonly T[]) {
    const refused = letters.filter(({ key }) => this.tooLarge.has(String(key)));
    this.sent.push(...letters.filter((one) => !refused.includes(one)).map(({ key }) => String(key)));
    return Promise.resolve(refused);
  }
}

async function run(letters: FakeLetters, ...args: string[]) {
  let [out, err] = ['', ''];
  const options = readArguments(['dead-letters', ...args], ENVIRONMENT);
  const outputs = {
    out: (text: string) => {
      out += text;
      return Promise.resolve();
    },
    err: (text: string) => (err += text),
    showProgress: false,
  };
  const exit = await (args[0] === 'list' ? list : resend)(letters, options, outputs);
  return { exit, out, err };
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

describe('dead-letters list', () => {
  it('shows when, whence, why, the key, the size and the beginning of each', async () => {
    const { out, exit } = await run(new FakeLetters([letter(1)]), 'list');
    const [title, row] = lines(out).map((line) => line.split(/ {2,}/));
    expect(title).toEqual(['kept at', 'origin', 'reason', 'key', 'bytes', 'detail', 'excerpt']);
    expect(row).toEqual([
      '2026-01-01T00:00:01.000Z',
      'usage-events/0/1',
      'unknown-customer',
      'cust_1',
      '12',
      'detail 1',
      '{"id":"u-1"}',
    ]);
    expect(exit).toBe(0);
  });

  it('shows a letter that was kept twice once, and only those asked for', async () => {
    const letters = [letter(1), letter(2), letter(2), letter(3), letter(4), letter(5)];
    const origins = async (...args: string[]) => {
      const { out } = await run(new FakeLetters(letters), 'list', '--format', 'ndjson', ...args);
      return lines(out).map((line) => (JSON.parse(line) as { origin: string }).origin.split('/').at(-1));
    };
    expect(await origins()).toEqual(['1', '2', '3', '4', '5']);
    expect(await origins('--reason', 'malformed')).toEqual(['2', '4']);
    expect(await origins('--limit', '3')).toEqual(['1', '2', '3']);
    expect(await origins('--origin', 'usage-events/0/5', '--origin', 'usage-events/0/1')).toEqual(['1', '5']);
  });

  it('reads no further than it has to, and says which origin it did not find', async () => {
    const letters = new FakeLetters(Array.from({ length: 10 }, (_, n) => letter(n)));
    expect((await run(letters, 'list', '--origin', 'usage-events/0/2')).exit).toBe(0);
    expect(letters.readSoFar).toBe(4);
    const { exit, err } = await run(letters, 'list', '--origin', 'usage-events/0/77');
    expect(exit).toBe(1);
    expect(err).toBe('no such dead letter: usage-events/0/77\n');
  });

  it('lets no message steer the terminal, nor fill it', async () => {
    const hostile = letter(1, {
      key: Buffer.from('\u001b]0;owned\u0007'),
      value: Buffer.concat([Buffer.from('\u001b[2J\u202e\u009b'), Buffer.alloc(1_000_000, 0xff)]),
      detail: `\u001b[31m${'x'.repeat(900)}`,
    });
    for (const format of ['table', 'ndjson', 'csv']) {
      const { out } = await run(new FakeLetters([hostile]), 'list', '--format', format);
      // eslint-disable-next-line no-control-regex -- this is what must not be there
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(out.length).toBeLessThan(2_000);
    }
    const { out } = await run(new FakeLetters([hostile]), 'list', '--format', 'ndjson');
    expect(JSON.parse(out)).toMatchObject({
      keyBase64: hostile.key?.toString('base64'),
      bytes: hostile.value?.length,
    });
  });

  it('says of a message without key or value that there is none', async () => {
    const { out } = await run(
      new FakeLetters([letter(1, { key: null, value: null })]),
      'list',
      '--format',
      'ndjson',
    );
    expect(JSON.parse(out)).toMatchObject({ key: null, bytes: null, excerpt: '' });
  });
});

describe('dead-letters resend', () => {
  it('sends those of the reason, or of the origins, or all', async () => {
    const sent = async (...args: string[]) => {
      const letters = new FakeLetters([1, 2, 3, 4].map((n) => letter(n)));
      const { exit, err } = await run(letters, 'resend', ...args);
      expect(exit).toBe(0);
      expect(err).toBe(`resent ${letters.sent.length} messages to usage-events\n`);
      return letters.sent;
    };
    expect(await sent('--reason', 'unknown-customer')).toEqual(['cust_1', 'cust_3']);
    expect(await sent('--origin', 'usage-events/0/2')).toEqual(['cust_2']);
    expect(await sent('--all')).toEqual(['cust_1', 'cust_2', 'cust_3', 'cust_4']);
    expect(await sent('--reason', 'nothing-like-it')).toEqual([]);
  });

  it('sends nothing twice: no origin that was kept twice, no message that was sent and failed before', async () => {
    const again = letter(1, { origin: 'usage-events/0/99' });
    const letters = new FakeLetters([letter(1), letter(1), letter(2), again]);
    const { err } = await run(letters, 'resend', '--all');
    expect(letters.sent).toEqual(['cust_1', 'cust_2']);
    expect(err).toBe('resent 2 messages to usage-events; 1 were the same message as another one\n');
  });

  it('with --dry-run says which, and sends none', async () => {
    const letters = new FakeLetters([1, 2, 3].map((n) => letter(n)));
    const { out, err } = await run(letters, 'resend', '--reason', 'unknown-customer', '--dry-run');
    expect(letters.sent).toEqual([]);
    expect(lines(out).map((line) => line.split(/ {2,}/)[1])).toEqual([
      'origin',
      'usage-events/0/1',
      'usage-events/0/3',
    ]);
    expect(err).toBe('would resend 2 messages to usage-events\n');
  });

  it('tells what the topic refuses, sends the others, and ends with 1', async () => {
    const letters = new FakeLetters([1, 2, 3].map((n) => letter(n)));
    letters.tooLarge.add('cust_2');
    const { exit, out } = await run(letters, 'resend', '--all');
    expect(letters.sent).toEqual(['cust_1', 'cust_3']);
    expect(out).toBe('usage-events/0/2: 12 bytes are more than usage-events takes\n');
    expect(exit).toBe(1);
  });

  it('says how many it had sent when the broker goes away', async () => {
    const letters = new FakeLetters([1, 2, 3, 4].map((n) => letter(n)));
    const send = letters.resend.bind(letters);
    letters.resend = (batch) => (letters.sent.length > 0 ? Promise.reject(new Error('away')) : send(batch));
    let err = '';
    const options = readArguments(['dead-letters', 'resend', '--all'], ENVIRONMENT);
    const outputs = {
      out: () => Promise.resolve(),
      err: (text: string) => (err += text),
      showProgress: false,
    };
    await expect(resend(letters, options, outputs)).rejects.toThrow('away');
    expect(err).toBe('resent 2 messages to usage-events\n');
  });
});

describe('the arguments of dead-letters', () => {
  const ends = (args: readonly string[], environment: Record<string, string> = ENVIRONMENT) =>
    audited(args, environment);

  it.each([
    [['dead-letters'], 'needs list or resend, got neither'],
    [['dead-letters', 'drop'], 'needs list or resend, got drop'],
    [['dead-letters', 'resend'], 'needs --origin, --reason or --all'],
    [['dead-letters', 'resend', '--all', '--reason', 'malformed'], '--all excludes'],
    [['dead-letters', 'resend', '--all', '--limit', '3'], '--limit is no option of dead-letters resend'],
    [['dead-letters', 'resend', '--origin', 'usage-events/1'], '--origin must look like'],
    [['dead-letters', 'list', '--limit', '0'], '--limit must be a whole number from 1 on'],
    [['dead-letters', 'list', '--all'], '--all is no option of dead-letters list'],
  ])('end with 2: %j', async (args, message) => {
    const { exit, err } = await ends(args);
    expect(err).toContain(message);
    expect(exit).toBe(2);
  });

  it('need a broker, and end with 3 when it is away', async () => {
    expect((await ends(['dead-letters', 'list'], {})).err).toContain('dead-letters needs KAFKA_BROKERS');
    expect((await ends(['dead-letters', 'list'])).exit).toBe(3);
  }, 60_000);
});

describe('which letters are meant', () => {
  it('knows what was asked for and has not passed by', () => {
    const selector = new Selector({ origins: ['usage-events/0/1', 'usage-events/0/2'], reason: 'malformed' });
    expect([1, 2, 2, 3].map((n) => selector.picks(letter(n)))).toEqual([false, true, false, false]);
    expect(selector.complete).toBe(false);
    expect(selector.missing).toEqual(['usage-events/0/1']);
  });

  it('tells contents apart by key, value and headers', () => {
    const contents = new SentContents();
    const different = [
      {},
      { key: null },
      { key: Buffer.alloc(0) },
      { value: null },
      { value: Buffer.from('other') },
      { headers: { a: Buffer.from('b') } },
      { headers: { a: [Buffer.from('b'), Buffer.from('b')] } },
      { headers: { a: Buffer.from('b'), b: Buffer.from('') } },
      { headers: { ab: Buffer.from('') } },
    ];
    for (const over of different) expect(contents.add(letter(1, over))).toBe(true);
    for (const over of different) expect(contents.add(letter(1, { ...over, origin: 't/0/9' }))).toBe(false);
  });
});
