import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { protoDirectory } from '../grpc/proto-files.js';
import { EVENT_ID_NAMESPACE } from './event-id.js';
import { chainEvent, chainHash, GENESIS_HASH, linkFault, MetadataInvalid, readLink } from './hash-chain.js';

interface Vector {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly previous: string;
  readonly hash: string;
  readonly id: string;
  readonly metadata: string;
}

const published = JSON.parse(
  readFileSync(join(protoDirectory(), '..', 'hash-chain-vectors.json'), 'utf8'),
) as { readonly idNamespace: string; readonly vectors: readonly Vector[] };

const contentOf = ({ stream, revision, type, data }: Vector) => ({
  stream,
  revision,
  type,
  data: Buffer.from(data),
});

describe('the published vectors', () => {
  it.each(published.vectors)('$stream revision $revision', (vector) => {
    const chained = chainEvent(vector.previous, contentOf(vector));
    expect(chained.hash).toBe(vector.hash);
    expect(chained.id).toBe(vector.id);
    expect(Buffer.from(chained.metadata).toString('utf8')).toBe(vector.metadata);
    expect(readLink(chained.metadata)).toEqual({ previous: vector.previous, hash: vector.hash });
  });

  it('begin with zeros, follow one another, and name the namespace of ids', () => {
    const [first, second, third] = published.vectors;
    expect(first?.previous).toBe(GENESIS_HASH);
    expect(second?.previous).toBe(first?.hash);
    expect(third?.previous).toBe(second?.hash);
    expect(published.idNamespace).toBe(EVENT_ID_NAMESPACE);
  });
});

describe('a hash', () => {
  it('is SHA-256 over the hash before, the place and the data, whatever their size', () => {
    const anyHash = fc.stringMatching(/^[0-9a-f]{64}$/);
    const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('ü'.repeat(9_000)));
    const anyData = fc.oneof(
      fc.uint8Array(),
      fc.nat(40_000).map((size) => new Uint8Array(size).fill(97)),
    );
    fc.assert(
      fc.property(anyHash, anyText, fc.nat(), anyText, anyData, (previous, stream, revision, type, data) => {
        const expected = createHash('sha256')
          .update(Buffer.from(previous, 'hex'))
          .update(`${stream}\n${revision}\n${type}\n`)
          .update(data)
          .digest('hex');
        expect(chainHash(previous, { stream, revision, type, data })).toBe(expected);
      }),
    );
  });
});

describe('a link', () => {
  const content = {
    stream: 'account-cust_42',
    revision: 1,
    type: 'CreditsGranted',
    data: Buffer.from('{"a":1}'),
  };
  const chained = chainEvent(GENESIS_HASH, content);
  const event = { ...content, id: chained.id, metadata: chained.metadata };

  it('is without fault as it was written', () => {
    expect(linkFault(GENESIS_HASH, event)).toBeUndefined();
  });

  it.each([
    ['another stream', { stream: 'account-cust_43' }],
    ['another revision', { revision: 2 }],
    ['another type', { type: 'CreditsDebited' }],
    ['one byte more', { data: Buffer.from('{"a":1} ') }],
    ['one byte changed', { data: Buffer.from('{"a":2}') }],
  ])('is broken by %s', (_name, change) => {
    expect(linkFault(GENESIS_HASH, { ...event, ...change })).toMatch(
      /^says that its hash is [0-9a-f]{64}, but it is/,
    );
  });

  it('is broken by another event before it, by another id, and by metadata that says nothing', () => {
    expect(linkFault(chained.hash, event)).toBe(
      `says that it follows ${GENESIS_HASH}, but follows ${chained.hash}`,
    );
    expect(linkFault(GENESIS_HASH, { ...event, id: 'x' })).toBe(`its id is x, but must be ${chained.id}`);
    expect(linkFault(GENESIS_HASH, { ...event, metadata: Buffer.from('{}') })).toMatch('metadata must be');
  });

  it('cannot be hidden by rewriting the hash: the next link gives it away', () => {
    const forged = chainEvent(GENESIS_HASH, { ...content, data: Buffer.from('{"a":2}') });
    const next = { ...content, revision: 2 };
    const link = chainEvent(chained.hash, next);
    expect(linkFault(forged.hash, { ...next, ...link })).toMatch('says that it follows');
  });

  it.each(['', 'abc', 'g'.repeat(64), '0'.repeat(63), '0'.repeat(65)])(
    'follows no such hash: %j',
    (previous) => {
      expect(() => chainHash(previous, content)).toThrow(RangeError);
    },
  );

  it.each([
    '',
    'null',
    '{"schema":2,"previous":"' + '0'.repeat(64) + '","hash":"' + '0'.repeat(64) + '"}',
    '{"schema":1,"previous":"' + '0'.repeat(64) + '","hash":"' + 'A'.repeat(64) + '"}',
    '{"schema":1,"previous":"' + '0'.repeat(63) + 'g","hash":"' + '0'.repeat(64) + '"}',
    '{"schema":1,"previous":"' + '0'.repeat(63) + '","hash":"' + '0'.repeat(65) + '"}',
    '{"schema":1,"previous":"' + '0'.repeat(64) + '","hash":"' + '0'.repeat(63) + '","}',
    '{"schema":1,"previous":"' + '0'.repeat(64) + '";"hash":"' + '0'.repeat(64) + '"}',
    '{"schema":1,"previous":"' + '0'.repeat(64) + '","hash":"' + '0'.repeat(64) + '"}\n',
    '{"schema":1,"previous":"' + '0'.repeat(64) + '","hash":"' + '0'.repeat(64) + '"]',
  ])('is not read from %j', (metadata) => {
    expect(() => readLink(Buffer.from(metadata))).toThrow(MetadataInvalid);
  });
});
