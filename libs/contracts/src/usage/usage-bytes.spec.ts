import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeUsage } from './decode-usage.js';
import { readUsageBytes } from './usage-bytes.js';

const sent = fc.stringMatching(/^[ !#-[\]-~äöü€🜚]{1,40}$/u);
const customer = fc.stringMatching(/^[!#-[\]-~äöü]{1,20}( [!#-[\]-~]{1,5})?$/u);
const time = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .chain((at) => fc.constantFrom(at.toISOString(), at.toISOString().replace(/\.\d+Z$/, 'Z')));
const quantity = fc.oneof(
  fc.nat(),
  fc.tuple(fc.nat(), fc.nat({ max: 999_999_999 })).map(([whole, fraction]) => `${whole}.${fraction}`),
);
const OF_THE_LANGUAGE = new Set(['__proto__', 'constructor', 'valueOf', 'toString']);
const dimensions = fc.dictionary(
  sent.filter((name) => !OF_THE_LANGUAGE.has(name)),
  fc.oneof(sent, fc.constant('')),
  { noNullPrototype: true, maxKeys: 5 },
);

type Members = readonly (readonly [name: string, json: string])[];

/** In any order, some of them left out. */
const members = (of: Readonly<Record<string, fc.Arbitrary<unknown>>>, optional: string) =>
  fc
    .tuple(fc.record(of), fc.boolean())
    .map(([values, all]) =>
      Object.entries(values)
        .filter(([name]) => all || name !== optional)
        .map(([name, value]) => [name, JSON.stringify(value)] as const),
    )
    .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }));

/** As JavaScript writes JSON, and as Python does. */
const style = fc.constantFrom({ comma: ',', colon: ':' }, { comma: ', ', colon: ': ' });
const written = (list: Members, { comma, colon }: { comma: string; colon: string }) =>
  `{${list.map(([name, json]) => `"${name}"${colon}${json}`).join(comma)}}`;

const event = fc
  .tuple(
    members(
      {
        specversion: fc.constant('1.0'),
        id: sent,
        source: sent,
        type: fc.constant('usage.recorded'),
        subject: customer,
        time,
        datacontenttype: fc.constant('application/json'),
      },
      'datacontenttype',
    ),
    members({ feature: sent, quantity, dimensions }, 'dimensions'),
    fc.nat({ max: 7 }),
    style,
  )
  .map(([attributes, data, at, how]) => ({
    attributes: attributes.toSpliced(at, 0, ['data', written(data, how)]),
    data,
    how,
  }));

/** The same message, read from its bytes if it can be, and by way of the parser in any case. */
const bothWays = (value: Buffer, key: Buffer | null = null) =>
  ['application/cloudevents+json', 'application/cloudevents+json; charset=utf-8'].map((type) =>
    decodeUsage({ key, value, headers: { 'content-type': Buffer.from(type) } }),
  );

function isReadTheSame(value: Buffer): boolean {
  const [fromBytes, parsed] = bothWays(value);
  return isDeepStrictEqual(fromBytes, parsed);
}

/** JSON that has no place in usage, or only in some of its members. */
const FOREIGN = [
  ...[
    '""',
    '" "',
    '"x "',
    '"a\\u0062"',
    '"a\\n"',
    '"\\ud800"',
    '"\u007f"',
    '"\t"',
    `"${'x'.repeat(300)}"`,
    '"',
  ],
  ...['"1.0"', '"usage.recorded"', '"007.50"', '"-1"', '"1e3"', '0', '-0', '-3', '3.0', '1e3', '007', '1.5'],
  ...['9007199254740993', '999999999999999', '"2026-11-22T10:00:00+01:00"', '"2026-02-30T00:00:00Z"'],
  ...['null', 'true', '[]', '{}', '["x"]', '{"a":"b"}', '{"a":"b","a":"c"}', '{"__proto__":"x"}', '{"a":1}'],
  ...['{"constructor":"x"}', '{"a":{}}', '{,}', '{"a":"b",}', '', ' ', '"application/json"', '"text/plain"'],
];
const NAMES = ['id', 'source', 'type', 'subject', 'time', 'data', 'specversion', 'datacontenttype'];
const DATA_NAMES = ['feature', 'quantity', 'dimensions'];
const OTHERS = ['data_base64', 'traceparent', '__proto__', 'constructor', 'i\\u0064', ''];

const with_ = (list: Members, name: string, json: string): Members =>
  list.some(([each]) => each === name)
    ? list.map((each) => (each[0] === name ? [name, json] : each))
    : [...list, [name, json]];

describe('usage in bytes as they usually are', () => {
  it('is read without a parser, to what the parser makes of it', () => {
    fc.assert(
      fc.property(event, ({ attributes, how }) => {
        const value = Buffer.from(written(attributes, how));
        const [fromBytes, parsed] = bothWays(value);
        expect({ ok: readUsageBytes(value) }).toStrictEqual(parsed);
        expect(fromBytes).toStrictEqual(parsed);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused, and for the same reason, wherever the parser refuses it', () => {
    fc.assert(
      fc.property(event, fc.constantFrom(...FOREIGN), ({ attributes, data, how }, json) => {
        const texts = [
          ...[...NAMES, ...OTHERS].map((name) => written(with_(attributes, name, json), how)),
          ...[...DATA_NAMES, ...OTHERS].map((name) =>
            written(with_(attributes, 'data', written(with_(data, name, json), how)), how),
          ),
          ...NAMES.map((name) => written([...attributes, [name, json]], how)),
          ...NAMES.map((name) =>
            written(
              attributes.filter(([each]) => each !== name),
              how,
            ),
          ),
          ...DATA_NAMES.map((name) =>
            written(with_(attributes, 'data', written([...data, [name, json]], how)), how),
          ),
          `${json}${written(attributes, how)}`,
          `${written(attributes, how)}${json}`,
        ];
        for (const text of texts) {
          expect([text, isReadTheSame(Buffer.from(text))]).toEqual([text, true]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has the meaning, or the fault, that the parser finds when any byte is another', () => {
    fc.assert(
      fc.property(
        event,
        fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '.', ' ', '0', '-', 'x', '\n', '\u0000'),
        fc.nat({ max: 255 }),
        (of, mark, byte) => {
          const value = Buffer.from(written(of.attributes, of.how));
          for (let at = 0; at < value.length; at++) {
            const spoilt = Buffer.from(value);
            spoilt[at] = at % 5 === 0 ? byte : mark.charCodeAt(0);
            const [fromBytes, parsed] = bothWays(spoilt);
            expect(fromBytes).toStrictEqual(parsed);
          }
          const [fromBytes, parsed] = bothWays(value.subarray(0, byte));
          expect(fromBytes).toStrictEqual(parsed);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('belongs to whom the key names, byte for byte', () => {
    const value = (subject: string) =>
      Buffer.from(
        `{"specversion":"1.0","id":"1","source":"s","type":"usage.recorded","subject":"${subject}",` +
          `"time":"2026-11-22T10:00:00Z","data":{"feature":"f","quantity":"3"}}`,
      );
    for (const [subject, key, belongs] of [
      ['cust_42', Buffer.from('cust_42'), true],
      ['cust_42', Buffer.from('cust_43'), false],
      ['cust_42', Buffer.from('cust_4'), false],
      ['kündin', Buffer.from('kündin'), true],
      ['kündin', Buffer.from('kündin', 'latin1'), false],
      ['cust_42', Buffer.alloc(0), true],
      ['cust_42', null, true],
    ] as const) {
      for (const decoded of bothWays(value(subject), key)) expect('ok' in decoded).toBe(belongs);
    }
  });
});
