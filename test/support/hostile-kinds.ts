import type { IHeaders } from 'kafkajs';
import type { GoodUsage, HostileUsage, Kind, Made } from './hostile-usage.js';

/** A JSON text in the place of a quantity. */
const QUANTITIES = [
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    '1e400',
    '-1e400',
    '1e21',
    '1E2',
    '0.1',
    '1.5',
    '-0.0001',
    '-1',
    '1.0e0',
  ],
  ...[
    '9007199254740993',
    '123456789012345678901234567890',
    '0x10',
    '1_000',
    '01',
    '.5',
    '+1',
    'null',
    'true',
  ],
  ...[
    '"NaN"',
    '"1e3"',
    '" 1"',
    '"1 "',
    '""',
    '"-1"',
    '"--1"',
    '"1."',
    '".1"',
    '"0x1F"',
    '"1,5"',
    '"١"',
    '"１"',
  ],
  ...['"1234567890123456789"', '"0.1234567890123"', '"∞"', '"1\\u0000"', '[]', '{}', '[1]', '{"value":1}'],
  `"${'9'.repeat(1000)}"`,
  '9'.repeat(1000),
  `"0.${'0'.repeat(5000)}1"`,
];

const TIMES = [
  ...['9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z', '275761-01-01T00:00:00Z', '2026-02-30T00:00:00Z'],
  ...[
    '0000-00-00T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    'yesterday',
    '',
    '0',
    '1e12',
    '2026-13-01T00:00:00Z',
  ],
  ...['2026-01-01', '2026-01-01T00:00:00', '2026-01-01T24:00:01Z', '2026-01-01T00:00:00+99:00', '\u0000'],
  '2026-01-01T00:00:00Z'.repeat(1000),
];

const SUBJECTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\u202e',
    ' cust',
    'cust ',
    '../../etc/passwd',
    "'; DROP TABLE accounts; --",
    '__proto__',
  ],
  ...['constructor', 'toString', '\ufeff', '\ud800', 'x'.repeat(201), 'x'.repeat(20_000), '$all', 'nobody'],
];

const HEADER_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'ce_',
  'ce_data',
  'ce_ID',
  'ce_\u0000',
  'x'.repeat(500),
];

function binaryHeaders({ source, id, customer, time }: GoodUsage): IHeaders {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: 'usage.recorded',
    ce_subject: customer,
    ce_time: time,
    'content-type': 'application/json',
  };
}

const garbage = (hostile: HostileUsage, value: Buffer | null, headers: IHeaders = {}): Made => ({
  fate: 'deadLetter',
  partition: hostile.anyPartition(),
  key: hostile.world.random.next() < 0.5 ? null : hostile.bytes(hostile.world.random.below(40)),
  value,
  headers,
});

const spoilt = (hostile: HostileUsage, over: Partial<Made>): Made =>
  hostile.message(hostile.good(), 'deadLetter', over);

export const HOSTILE_KINDS: readonly Kind[] = [
  ['good, structured', 30, (h) => h.message(h.good(), 'debited')],
  [
    'good, binary mode',
    8,
    (h) => {
      const usage = h.good();
      return h.message(usage, 'debited', {
        value: Buffer.from(h.data(usage)),
        headers: binaryHeaders(usage),
      });
    },
  ],
  ['good, without a key', 2, (h) => h.message(h.good(), 'debited', { key: null })],
  [
    'good, with hostile headers',
    3,
    (h) => {
      const names = Array.from({ length: 1 + h.world.random.below(6) }, () =>
        h.world.random.pick(HEADER_NAMES),
      );
      const headers = Object.create(null) as IHeaders;
      for (const name of names) headers[name] = [h.bytes(20), h.bytes(0)];
      return h.message(h.good(), 'debited', { headers });
    },
  ],
  [
    'good, with an integer for its quantity',
    2,
    (h) => {
      const usage = { ...h.good(), quantity: String(h.world.random.below(1000)) };
      const data = `{"feature":${JSON.stringify(h.world.feature)},"quantity":${usage.quantity}}`;
      return h.message(usage, 'debited', { value: Buffer.from(h.json(usage, data)) });
    },
  ],
  [
    'the same again',
    5,
    (h) => {
      const earlier = h.earlier();
      if (!earlier) return h.message(h.good(), 'debited');
      return { ...earlier.made, fate: 'duplicate' };
    },
  ],
  [
    'an id again with another quantity',
    3,
    (h) => {
      const earlier = h.earlier();
      if (!earlier) return spoilt(h, { value: null });
      return h.message({ ...earlier.usage, quantity: '777.001' }, 'deadLetter');
    },
  ],
  [
    'a feature that costs nothing',
    3,
    (h) => {
      const usage = h.good();
      const features = ['free-of-charge', '__proto__', 'constructor', 'toString', '🜚', 'x'.repeat(256)];
      const data = JSON.stringify({ feature: h.world.random.pick(features), quantity: '1' });
      return h.message(usage, 'notMetered', { value: Buffer.from(h.json(usage, data)) });
    },
  ],
  ['random bytes', 4, (h) => garbage(h, h.bytes(1 + h.world.random.below(400)))],
  ['no value', 1, (h) => garbage(h, h.world.random.next() < 0.5 ? null : Buffer.alloc(0))],
  [
    'truncated JSON',
    4,
    (h) => {
      const whole = Buffer.from(h.json(h.good()));
      return spoilt(h, { value: whole.subarray(0, 1 + h.world.random.below(whole.length - 1)) });
    },
  ],
  [
    'deep JSON',
    2,
    (h) => {
      const depth = 10 + h.world.random.below(15_000);
      const deep = h.world.random.pick([
        '['.repeat(depth),
        '{"a":'.repeat(depth),
        '['.repeat(depth) + ']'.repeat(depth),
        h.json(h.good(), `{"dimensions":${'{"d":'.repeat(depth)}1${'}'.repeat(depth)}}`),
      ]);
      return spoilt(h, { value: Buffer.from(deep) });
    },
  ],
  [
    'an impossible quantity',
    6,
    (h) => {
      const data = `{"feature":${JSON.stringify(h.world.feature)},"quantity":${h.world.random.pick(QUANTITIES)}}`;
      return spoilt(h, { value: Buffer.from(h.json(h.good(), data)) });
    },
  ],
  [
    'a cost beyond all amounts',
    2,
    (h) => {
      const data = JSON.stringify({
        feature: h.world.dearFeature,
        quantity: '999999999999999999.999999999999',
      });
      return spoilt(h, { value: Buffer.from(h.json(h.good(), data)) });
    },
  ],
  [
    'a cost that is too much together with others',
    2,
    (h) => {
      // The first of a customer can be recorded as uncovered, and leaves no room for the next.
      const usage = { ...h.good(), customer: h.world.debtor };
      const data = JSON.stringify({ feature: h.world.dearFeature, quantity: '70000000000000000' });
      const key = Buffer.from(usage.customer);
      return { ...h.message(usage, 'any'), key, value: Buffer.from(h.json(usage, data)) };
    },
  ],
  [
    'an impossible time',
    4,
    (h) => spoilt(h, { value: Buffer.from(h.json({ ...h.good(), time: h.world.random.pick(TIMES) })) }),
  ],
  [
    'a time too far in the future',
    2,
    (h) => {
      const ahead = h.world.random.pick([600_000, 86_400_000, 3e11, 2e14]);
      const time = new Date(h.world.nowMs + 3_600_000 + ahead).toISOString();
      return spoilt(h, { value: Buffer.from(h.json({ ...h.good(), time })) });
    },
  ],
  [
    'a time long past',
    2,
    (h) => {
      const years = [
        '0001-01-01T00:00:00Z',
        '1969-12-31T23:59:59.999Z',
        '1970-01-01T00:00:00Z',
        '2001-09-09T01:46:40Z',
      ];
      const usage = { ...h.good(), time: h.world.random.pick(years) };
      return h.message(usage, 'any');
    },
  ],
  [
    'a member twice',
    3,
    (h) => {
      const usage = h.good();
      const twice = h.world.random.pick([
        h.json(usage, undefined, ',"subject":"somebody-else"'),
        h.json(usage, `{"feature":"${h.world.feature}","quantity":"1","quantity":"2"}`),
        h.json(usage, `{"feature":"${h.world.feature}","quantity":"1","\\u0071uantity":"2"}`),
        h.json(usage, undefined, ',"data":{}'),
      ]);
      return spoilt(h, { value: Buffer.from(twice) });
    },
  ],
  [
    'a member of the prototype',
    3,
    (h) => {
      const usage = h.good();
      const feature = `"feature":"${h.world.feature}","quantity":"1"`;
      const value = h.world.random.pick([
        h.json(usage, `{${feature},"__proto__":{"quantity":"2"}}`),
        h.json(usage, `{${feature},"constructor":{"prototype":{"polluted":true}}}`),
        h.json(usage, `{${feature},"dimensions":{"__proto__":"x"}}`),
        h.json(usage, undefined, ',"__proto__":{"subject":"x"}'),
        h.json(usage, '{"__proto__":{"feature":"x","quantity":"1"}}'),
      ]);
      return spoilt(h, { value: Buffer.from(value) });
    },
  ],
  [
    'an unknown or impossible customer',
    4,
    (h) => {
      const customer = h.world.random.pick(SUBJECTS);
      return spoilt(h, {
        key: Buffer.from(customer),
        value: Buffer.from(h.json({ ...h.good(), customer })),
        partition: h.anyPartition(),
      });
    },
  ],
  [
    'the key of another customer',
    3,
    (h) => {
      const key = h.world.random.pick([
        Buffer.from('somebody-else'),
        Buffer.from([0xff, 0xfe]),
        h.bytes(300),
      ]);
      return spoilt(h, { key, partition: h.anyPartition() });
    },
  ],
  [
    'another encoding',
    3,
    (h) => {
      const text = h.json(h.good());
      const value = h.world.random.pick([
        Buffer.from(text, 'utf16le'),
        Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
        Buffer.from(text.replace('xl', 'x\u00e4l'), 'latin1'),
        Buffer.from(text.replace('"xl"', '"\\ud800"')),
        Buffer.from(`\u0000${text}`),
        Buffer.from(text.replace('"1.0"', '"1.0\\u0000"')),
      ]);
      return spoilt(h, { value });
    },
  ],
  [
    'another content type',
    2,
    (h) => {
      const type = h.world.random.pick([
        'application/avro',
        'application/cloudevents+avro',
        'application/cloudevents-batch+json',
        'text/html',
        '\u0000',
      ]);
      return spoilt(h, { headers: { 'content-type': type } });
    },
  ],
  [
    'binary mode with contradictions',
    2,
    (h) => {
      const usage = h.good();
      const headers = binaryHeaders(usage);
      const spoil = h.world.random.pick<() => IHeaders>([
        () => ({ ...headers, ce_id: ['a', 'b'] }),
        () => ({ ...headers, ce_subject: Buffer.from([0xc3, 0x28]) }),
        () => ({ ...headers, ce_specversion: '0.3' }),
        () => ({ ...headers, ce_type: 'usage.deleted' }),
        () => ({ ...headers, ce_time: 'now' }),
        () => ({ ...headers, ce_id: '' }),
      ]);
      return spoilt(h, { value: Buffer.from(h.data(usage)), headers: spoil() });
    },
  ],
  [
    'thousands of headers',
    0.3,
    (h) => {
      const headers: IHeaders = {};
      for (let i = 0; i < 20_000; i++) headers[`h${i}`] = 'x';
      return spoilt(h, { headers });
    },
  ],
  [
    'a megabyte',
    0.4,
    (h) => {
      const usage = h.good();
      const size = 1_000_000 + h.world.random.below(40_000);
      const value = h.world.random.pick([
        () => Buffer.alloc(size, 0x20),
        () => Buffer.alloc(size, '['),
        () => Buffer.from(h.json(usage, `{"dimensions":{"d":"${'x'.repeat(size - 400)}"}}`)),
        () => h.bytes(size),
      ])();
      return spoilt(h, { value });
    },
  ],
  [
    'flipped bytes',
    5,
    (h) => {
      // What comes out may name anybody and anything, but not the usage of another message.
      const value = Buffer.from(h.json({ ...h.good(), source: `flipped ${h.world.run}` }));
      for (let flips = 1 + h.world.random.below(4); flips > 0; flips--) {
        value[h.world.random.below(value.length)] = h.world.random.below(256);
      }
      return { ...h.message(h.good(), 'any'), value };
    },
  ],
];
