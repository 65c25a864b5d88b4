import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeUsage, MAX_MESSAGE_BYTES, type UsageEnvelope } from './decode-usage.js';
import type { MalformedReason } from './usage.js';

const EVENT = {
  specversion: '1.0',
  id: '01JDABC',
  source: 'api-gateway-eu',
  type: 'usage.recorded',
  subject: 'cust_42',
  time: '2026-11-22T10:00:00Z',
  data: { feature: 'image-generation', quantity: '3', dimensions: { model: 'xl' } },
};

const COUNTED = {
  customerId: 'cust_42',
  source: 'api-gateway-eu',
  id: '01JDABC',
  feature: 'image-generation',
  time: '2026-11-22T10:00:00.000Z',
  dimensions: { model: 'xl' },
};

function structured(value: string | Buffer | null, key: string | null = 'cust_42'): UsageEnvelope {
  return {
    key: key === null ? null : Buffer.from(key),
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: {},
  };
}

function event(changes: object): string {
  return JSON.stringify({ ...EVENT, ...changes });
}

function data(changes: object): string {
  return event({ data: { ...EVENT.data, ...changes } });
}

/** The event with its quantity written exactly so. */
function quantity(written: string): string {
  return JSON.stringify(EVENT).replace('"3"', written);
}

function binary(headers: UsageEnvelope['headers'], value: unknown = EVENT.data): UsageEnvelope {
  return { key: Buffer.from('cust_42'), value: Buffer.from(JSON.stringify(value)), headers };
}

const ATTRIBUTES = {
  'content-type': Buffer.from('application/json'),
  ce_specversion: Buffer.from('1.0'),
  ce_id: Buffer.from('01JDABC'),
  ce_source: Buffer.from('api-gateway-eu'),
  ce_type: Buffer.from('usage.recorded'),
  ce_subject: Buffer.from('cust_42'),
  ce_time: Buffer.from('2026-11-22T10:00:00Z'),
};

function read(message: UsageEnvelope) {
  const decoded = decodeUsage(message);
  if ('malformed' in decoded) throw new Error(`${decoded.malformed}: ${decoded.detail}`);
  const { quantity: units, ...rest } = decoded.ok;
  return { ...rest, quantity: units.toString() };
}

describe('a usage message', () => {
  it('is read in structured mode, with a CloudEvents content type, plain JSON or none', () => {
    const value = Buffer.from(JSON.stringify(EVENT));
    const contentTypes = [
      'application/cloudevents+json',
      'application/cloudevents+json; charset=UTF-8',
      'application/json',
      undefined,
    ];
    for (const contentType of contentTypes) {
      const headers = { 'content-type': contentType };
      expect(read({ key: Buffer.from('cust_42'), value, headers })).toEqual({ ...COUNTED, quantity: '3' });
    }
  });

  it('is read in binary mode, where the attributes are headers', () => {
    expect(read(binary(ATTRIBUTES))).toEqual({ ...COUNTED, quantity: '3' });
    const texts = Object.fromEntries(
      Object.entries(ATTRIBUTES).map(([name, value]) => [name, value.toString()]),
    );
    expect(read(binary(texts))).toEqual({ ...COUNTED, quantity: '3' });
  });

  it('is read without a key, and without dimensions', () => {
    expect(read(structured(JSON.stringify(EVENT), null)).customerId).toBe('cust_42');
    expect(read(structured(event({ data: { feature: 'x', quantity: '1' } }))).dimensions).toEqual({});
  });

  it('may carry extension attributes, which are ignored', () => {
    expect(read(structured(event({ traceparent: '00-0af7', quantity: 7 }))).quantity).toBe('3');
    expect(read(binary({ ...ATTRIBUTES, ce_traceparent: '00-0af7', other: 'x' })).quantity).toBe('3');
  });

  it.each([
    ['"0.000000000001"', '0.000000000001'],
    ['"999999999999999999.999999999999"', '999999999999999999.999999999999'],
    ['"007.50"', '7.5'],
    ['0', '0'],
    ['3', '3'],
    ['3.0', '3'],
    ['9007199254740992', '9007199254740992'],
  ])('has the quantity %s exactly', (written, units) => {
    expect(read(structured(quantity(written))).quantity).toBe(units);
  });

  it.each([
    ['2026-11-22T10:00:00+01:00', '2026-11-22T09:00:00.000Z'],
    ['2026-11-22t10:00:00.123456789z', '2026-11-22T10:00:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('happened at %s', (time, instant) => {
    expect(read(structured(event({ time }))).time).toBe(instant);
  });

  it('keeps any text a sender may choose, to the longest', () => {
    const id = '🜚'.repeat(128);
    const dimensions = Object.fromEntries(
      Array.from({ length: 32 }, (_, index) => [`d${index}`.padEnd(128, 'x'), 'ü'.repeat(512)]),
    );
    const decoded = read(structured(event({ id, data: { ...EVENT.data, dimensions } })));
    expect(decoded.id).toBe(id);
    expect(decoded.dimensions).toEqual(dimensions);
    expect(
      read(structured(data({ dimensions: { constructor: 'a', toString: 'b', '': undefined } }))).dimensions,
    ).toEqual({ constructor: 'a', toString: 'b' });
  });
});

describe('a message that is no usage event', () => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const written = JSON.stringify(EVENT);
  const cases: readonly (readonly [string, UsageEnvelope, MalformedReason, string])[] = [
    ['no value', structured(null), 'malformed-empty', 'no value'],
    ['an empty value', structured(''), 'malformed-empty', 'no value'],
    ['bytes', structured(Buffer.from([0xff, 0xfe, 0x00])), 'malformed-encoding', 'UTF-8'],
    [
      'an overlong UTF-8 sequence',
      structured(Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])),
      'malformed-encoding',
      'UTF-8',
    ],
    ['UTF-16', structured(Buffer.from(written, 'utf16le')), 'malformed-json', 'JSON'],
    ['a byte order mark', structured(`\ufeff${written}`), 'malformed-json', 'JSON'],
    ['text', structured('hello'), 'malformed-json', 'JSON'],
    ['an unfinished text', structured(written.slice(0, -3)), 'malformed-json', 'JSON'],
    ['an unfinished string', structured('{"id":"abc'), 'malformed-json', 'JSON'],
    ['two events', structured(written + written), 'malformed-json', 'JSON'],
    ['a megabyte', structured(event({ note: 'x'.repeat(1_000_000) })), 'malformed-too-large', '65536'],
    ['deep nesting', structured(deep), 'malformed-json', '8 levels'],
    [
      'deep nesting in data',
      structured(written.replace('"xl"', '{"a":'.repeat(9) + '1' + '}'.repeat(9))),
      'malformed-json',
      '8 levels',
    ],
    ['null', structured('null'), 'malformed-field', 'got null'],
    ['a number', structured('42'), 'malformed-field', 'got 42'],
    ['a batch', structured(`[${written}]`), 'malformed-content-type', 'one event per message'],
    [
      'a quantity named twice',
      structured(written.replace('"quantity":"3"', '"quantity":"3","quantity":"300"')),
      'malformed-json',
      'data.quantity',
    ],
    [
      'a quantity named twice, once in disguise',
      structured(written.replace('"quantity":"3"', '"quantity":"3","quantit\\u0079":"300"')),
      'malformed-json',
      'data.quantity',
    ],
    [
      'a subject named twice',
      structured(written.replace('{', '{"subject":"other",')),
      'malformed-json',
      'subject',
    ],
    ['a prototype', structured(written.replace('"model"', '"__proto__"')), 'malformed-json', '__proto__'],
    [
      'a prototype in disguise',
      structured(written.replace('"model"', '"__pr\\u006fto__"')),
      'malformed-json',
      '__proto__',
    ],
    [
      'a prototype of the event',
      structured(written.replace('{', '{"__proto__":{"x":1},')),
      'malformed-json',
      '__proto__',
    ],
    [
      'another version',
      structured(event({ specversion: '0.3' })),
      'malformed-field',
      'specversion: must be "1.0", got "0.3"',
    ],
    [
      'another type',
      structured(event({ type: 'order.placed' })),
      'malformed-field',
      'type: must be "usage.recorded"',
    ],
    ['no id', structured(event({ id: undefined })), 'malformed-field', 'id: is missing'],
    ['an empty id', structured(event({ id: '' })), 'malformed-field', 'id: must not be empty, got ""'],
    ['an id that is a number', structured(event({ id: 7 })), 'malformed-field', 'got 7'],
    ['a long id', structured(event({ id: 'x'.repeat(257) })), 'malformed-field', '(257 characters)'],
    ['an id with a NUL', structured(event({ id: 'a\u0000b' })), 'malformed-field', '"a\\u0000b"'],
    [
      'an id with half a character',
      structured(written.replace('01JDABC', '\\ud800')),
      'malformed-field',
      '"\\ud800"',
    ],
    ['an empty source', structured(event({ source: '' })), 'malformed-field', 'source: must not be empty'],
    ['an empty subject', structured(event({ subject: '' })), 'malformed-field', 'subject: must not be empty'],
    ['no subject', structured(event({ subject: undefined })), 'malformed-field', 'subject: is missing'],
    ['a subject with a new line', structured(event({ subject: 'a\nb' })), 'malformed-field', '"a\\nb"'],
    [
      'a subject with a space at its end',
      structured(event({ subject: 'cust_42 ' })),
      'malformed-field',
      '"cust_42 "',
    ],
    [
      'a subject with an invisible character',
      structured(event({ subject: 'cust\u200b_42' })),
      'malformed-field',
      'subject',
    ],
    ['a long subject', structured(event({ subject: 'x'.repeat(201) })), 'malformed-field', 'at most 200'],
    ['no time', structured(event({ time: undefined })), 'malformed-field', 'time: is missing'],
    [
      'a time in milliseconds',
      structured(event({ time: 1795341600000 })),
      'malformed-field',
      'got 1795341600000',
    ],
    ['a day', structured(event({ time: '2026-11-22' })), 'malformed-field', 'time: must be an RFC 3339'],
    ['a time without a zone', structured(event({ time: '2026-11-22T10:00:00' })), 'malformed-field', 'time'],
    [
      'a day that is none',
      structured(event({ time: '2026-02-30T10:00:00Z' })),
      'malformed-field',
      '"2026-02-30T10:00:00Z"',
    ],
    [
      'a time past the year 9999',
      structured(event({ time: '+010000-01-01T00:00:00Z' })),
      'malformed-field',
      'time',
    ],
    [
      'a time before the year 1',
      structured(event({ time: '-000001-01-01T00:00:00Z' })),
      'malformed-field',
      'time',
    ],
    [
      'a time of a megadigit',
      structured(event({ time: '9'.repeat(5000) })),
      'malformed-field',
      '(5000 characters)',
    ],
    ['no data', structured(event({ data: undefined })), 'malformed-field', 'data: is missing'],
    ['data as text', structured(event({ data: JSON.stringify(EVENT.data) })), 'malformed-field', 'data'],
    ['data as a list', structured(event({ data: [EVENT.data] })), 'malformed-field', 'got a list'],
    ['data as bytes', structured(event({ data_base64: 'e30=' })), 'malformed-field', 'data_base64'],
    [
      'data that is no JSON',
      structured(event({ datacontenttype: 'text/xml' })),
      'malformed-field',
      'datacontenttype',
    ],
    [
      'a misspelt member',
      structured(data({ quantitty: '4' })),
      'malformed-field',
      'data.quantitty: is not known here, got "4"',
    ],
    ['no feature', structured(data({ feature: undefined })), 'malformed-field', 'data.feature: is missing'],
    ['a feature that is a list', structured(data({ feature: ['a'] })), 'malformed-field', 'data.feature'],
    [
      'no quantity',
      structured(data({ quantity: undefined })),
      'malformed-field',
      'data.quantity: is missing',
    ],
    ['a quantity that is null', structured(data({ quantity: null })), 'malformed-field', 'data.quantity'],
    ['a quantity that is true', structured(data({ quantity: true })), 'malformed-field', 'data.quantity'],
    ['a quantity that is a list', structured(data({ quantity: ['3'] })), 'malformed-field', 'data.quantity'],
    [
      'a fraction as a number',
      structured(quantity('0.5')),
      'malformed-field',
      'send a decimal string, got 0.5',
    ],
    ['an exponent', structured(quantity('1e3')), 'malformed-field', 'got 1e3'],
    ['a huge exponent', structured(quantity('1e400')), 'malformed-field', 'data.quantity'],
    ['a number beyond 2^53', structured(quantity('9007199254740994')), 'malformed-field', '2^53'],
    [
      'a number that JSON rounds to 2^53',
      structured(quantity('9007199254740993')),
      'malformed-field',
      'got 9007199254740993',
    ],
    [
      'a number that JSON rounds to 3',
      structured(quantity('3.0000000000000000001')),
      'malformed-field',
      'got 3.0000000000000000001',
    ],
    ['NaN', structured(quantity('NaN')), 'malformed-json', 'JSON'],
    ['"NaN"', structured(quantity('"NaN"')), 'malformed-field', 'got "NaN"'],
    ['"Infinity"', structured(quantity('"Infinity"')), 'malformed-field', 'got "Infinity"'],
    ['"1e3"', structured(quantity('"1e3"')), 'malformed-field', 'got "1e3"'],
    ['"+3"', structured(quantity('"+3"')), 'malformed-field', 'got "+3"'],
    ['" 3"', structured(quantity('" 3"')), 'malformed-field', 'got " 3"'],
    ['"3\\n"', structured(quantity('"3\\n"')), 'malformed-field', 'got "3\\n"'],
    ['"0x10"', structured(quantity('"0x10"')), 'malformed-field', 'got "0x10"'],
    ['"1,000"', structured(quantity('"1,000"')), 'malformed-field', 'got "1,000"'],
    ['Arabic digits', structured(quantity('"٣"')), 'malformed-field', 'data.quantity'],
    ['""', structured(quantity('""')), 'malformed-field', 'got ""'],
    ['19 digits', structured(quantity(`"${'9'.repeat(19)}"`)), 'malformed-field', 'data.quantity'],
    ['13 decimals', structured(quantity('"0.0000000000001"')), 'malformed-field', 'data.quantity'],
    ['a thousand digits', structured(quantity('9'.repeat(1000))), 'malformed-field', 'data.quantity'],
    [
      'a negative text',
      structured(quantity('"-3"')),
      'negative-quantity',
      'data.quantity: must not be negative, got "-3"',
    ],
    ['a negative number', structured(quantity('-3')), 'negative-quantity', 'got -3'],
    ['dimensions as a list', structured(data({ dimensions: ['xl'] })), 'malformed-field', 'data.dimensions'],
    [
      'a dimension that is a number',
      structured(data({ dimensions: { size: 3 } })),
      'malformed-field',
      'data.dimensions.size',
    ],
    [
      '33 dimensions',
      structured(
        data({ dimensions: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`d${n}`, ''])) }),
      ),
      'malformed-field',
      'at most 32',
    ],
    ['a key of somebody else', structured(written, 'cust_43'), 'malformed-key', '"cust_43"'],
    [
      'a key of bytes',
      { ...structured(written), key: Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) },
      'malformed-key',
      'key',
    ],
    [
      'a batch content type',
      { ...structured(`[${written}]`), headers: { 'content-type': 'application/cloudevents-batch+json' } },
      'malformed-content-type',
      'cloudevents-batch',
    ],
    [
      'Avro',
      { ...structured(written), headers: { 'content-type': 'application/cloudevents+avro' } },
      'malformed-content-type',
      'avro',
    ],
    [
      'a foreign content type',
      { ...structured(written), headers: { 'content-type': 'text/plain' } },
      'malformed-content-type',
      'text/plain',
    ],
    [
      'another charset',
      { ...structured(written), headers: { 'content-type': 'application/json; charset=latin1' } },
      'malformed-content-type',
      'latin1',
    ],
    [
      'a content type of bytes',
      { ...structured(written), headers: { 'content-type': Buffer.from([0xff]) } },
      'malformed-encoding',
      'content-type',
    ],
    [
      'binary mode without an id',
      binary({ ...ATTRIBUTES, ce_id: undefined }),
      'malformed-field',
      'id: is missing',
    ],
    [
      'binary mode with two subjects',
      binary({ ...ATTRIBUTES, ce_subject: ['cust_42', 'cust_43'] }),
      'malformed-field',
      '"ce_subject" is given 2 times',
    ],
    [
      'binary mode with an id of bytes',
      binary({ ...ATTRIBUTES, ce_id: Buffer.from([0xc3, 0x28]) }),
      'malformed-encoding',
      'ce_id',
    ],
    [
      'binary mode with Avro data',
      binary({ ...ATTRIBUTES, 'content-type': 'application/avro' }),
      'malformed-content-type',
      'avro',
    ],
    [
      'binary mode with a whole event as data',
      binary(ATTRIBUTES, EVENT),
      'malformed-field',
      'data.subject: is not known here',
    ],
    [
      'binary mode with a huge header',
      binary({ ...ATTRIBUTES, note: 'x'.repeat(MAX_MESSAGE_BYTES) }),
      'malformed-too-large',
      '65536',
    ],
    [
      'binary mode with a rounded quantity',
      { ...binary(ATTRIBUTES), value: Buffer.from('{"feature":"f","quantity":9007199254740993}') },
      'malformed-field',
      'quantity',
    ],
  ];

  it.each(cases)('is refused with its reason: %s', (_name, message, reason, detail) => {
    const decoded = decodeUsage(message);
    expect(decoded).toMatchObject({ malformed: reason, detail: expect.stringContaining(detail) });
    expect('detail' in decoded && decoded.detail.length).toBeLessThan(4096);
  });

  it('names every fault at once', () => {
    const decoded = decodeUsage(
      structured(event({ id: '', subject: 3, data: { feature: '', quantity: 'x' } })),
    );
    expect('faults' in decoded && decoded.faults.map(({ path }) => path)).toEqual([
      'id',
      'subject',
      'data.feature',
      'data.quantity',
    ]);
  });

  it('leaves nothing behind on the prototype of every object', () => {
    decodeUsage(structured('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect('polluted' in {}).toBe(false);
  });
});

describe('any message at all', () => {
  const answers = (message: UsageEnvelope) => {
    const decoded = decodeUsage(message);
    return 'ok' in decoded || decoded.detail.length > 0;
  };

  it('gets an answer and never an exception: bytes', () => {
    const header = fc.option(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.dictionary(
          fc.constantFrom('content-type', 'ce_specversion', 'ce_id', 'ce_data', '__proto__', 'x'),
          header,
        ),
        (bytes, headers) => answers({ key: null, value: Buffer.from(bytes), headers }),
      ),
      { numRuns: 2000 },
    );
  });

  it('gets an answer and never an exception: JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => answers(structured(text))),
      { numRuns: 1000 },
    );
  });

  it('gets an answer and never an exception: events with anything anywhere', () => {
    const places = [
      'specversion',
      'id',
      'source',
      'type',
      'subject',
      'time',
      'data',
      'datacontenttype',
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) =>
        answers(structured(event({ [place]: value }))),
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.constantFrom('feature', 'quantity', 'dimensions'), fc.jsonValue(), (place, value) =>
        answers(structured(data({ [place]: value }))),
      ),
      { numRuns: 1000 },
    );
  });

  it('gets an answer and never an exception: one byte of an event changed', () => {
    const bytes = Buffer.from(JSON.stringify(EVENT));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        return answers({ key: Buffer.from('cust_42'), value: changed, headers: {} });
      }),
      { numRuns: 2000 },
    );
  });
});
