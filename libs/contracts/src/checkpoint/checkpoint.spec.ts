import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { protoDirectory } from '../grpc/proto-files.js';
import { checkpointText, CheckpointInvalid, readCheckpoint } from './checkpoint-file.js';
import {
  publicKeyText,
  readPublicKey,
  readSigningKey,
  signatureFault,
  signCheckpoint,
  SigningKeyInvalid,
} from './checkpoint-signature.js';
import {
  byStream,
  checkpointDigest,
  checkpointStatement,
  type Checkpoint,
  type CheckpointHead,
} from './checkpoint.js';

interface Vectors {
  readonly digests: readonly {
    readonly heads: readonly (readonly [string, number, string])[];
    readonly digest: string;
  }[];
  readonly signed: {
    /** Of RFC 8032, section 7.1, test 1. */
    readonly privateKey: string;
    readonly publicKey: string;
    readonly takenAt: string;
    readonly position: string;
    readonly streams: number;
    readonly digest: string;
    readonly statement: string;
    readonly signature: string;
  };
}

const published = JSON.parse(
  readFileSync(join(protoDirectory(), '..', 'checkpoint-vectors.json'), 'utf8'),
) as Vectors;

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const head = (stream: string, revision = 0): CheckpointHead => ({
  stream,
  revision,
  hash: sha256(stream, String(revision)).toString('hex'),
});
const heads = (count: number): CheckpointHead[] =>
  Array.from({ length: count }, (_, n) => head(`account-${n}`, n)).sort(byStream);

/** As RFC 6962 defines it, top down: cut at the largest power of two below the number of leaves. */
function treeHash(leaves: readonly CheckpointHead[]): Buffer {
  const [first] = leaves;
  if (!first) return sha256();
  if (leaves.length === 1) {
    const place = `${first.stream}\n${first.revision}\n`;
    return sha256(Buffer.of(0), place, Buffer.from(first.hash, 'hex'));
  }
  let cut = 1;
  while (cut * 2 < leaves.length) cut *= 2;
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, cut)), treeHash(leaves.slice(cut)));
}

describe('the published vectors', () => {
  it.each(published.digests)('$heads.length heads', (vector) => {
    const given = vector.heads.map(([stream, revision, hash]) => ({ stream, revision, hash }));
    expect(checkpointDigest(given)).toBe(vector.digest);
  });

  it('a signed checkpoint', () => {
    const { privateKey, publicKey, statement, signature, ...summary } = published.signed;
    const der = Buffer.from(`302e020100300506032b657004220420${privateKey}`, 'hex');
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    expect(checkpointStatement(summary).toString()).toBe(statement);
    expect(signCheckpoint(summary, key)).toEqual({ publicKey, value: signature });
    expect(summary.digest).toBe(published.digests.at(-1)?.digest);
    expect(signatureFault(summary, { publicKey, value: signature })).toBeUndefined();
  });
});

describe('the digest of the heads', () => {
  it('is the root of the Merkle tree over them, for any number', () => {
    for (let count = 0; count <= 70; count++) {
      expect(checkpointDigest(heads(count))).toBe(treeHash(heads(count)).toString('hex'));
    }
  });

  it('is another one when any head is changed, left out or added', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, at) => {
        const all = heads(count);
        const index = at % count;
        const without = all.filter((_, n) => n !== index);
        const changed = all.map((one, n) => (n === index ? { ...one, revision: one.revision + 1 } : one));
        const digests = [all, without, changed, [...all, head('catalog')]].map(checkpointDigest);
        expect(new Set(digests).size).toBe(4);
      }),
    );
  });

  it('is of heads in the order of UTF-8, each stream once', () => {
    const [low, high] = [head('account-\uFFFD'), head('account-\u{10000}')];
    expect(checkpointDigest([low, high])).toMatch(/^[0-9a-f]{64}$/);
    expect(() => checkpointDigest([high, low])).toThrow(RangeError);
    expect(() => checkpointDigest([low, low])).toThrow(RangeError);
    expect(() => checkpointDigest([{ ...low, hash: 'abc' }])).toThrow(RangeError);
  });
});

const summaryOf = (over: readonly CheckpointHead[]) => ({
  takenAt: '2026-01-02T03:04:05.000Z',
  position: '17',
  streams: over.length,
  digest: checkpointDigest(over),
});

describe('the signature of a checkpoint', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const summary = summaryOf(heads(3));
  const signature = signCheckpoint(summary, privateKey);

  it('is good as it was made, by the key it names and by the trusted one', () => {
    expect(signatureFault(summary, signature)).toBeUndefined();
    expect(signatureFault(summary, signature, publicKey)).toBeUndefined();
  });

  it.each([
    { takenAt: '2026-01-02T03:04:06.000Z' },
    { position: '18' },
    { streams: 4 },
    { digest: checkpointDigest(heads(4)) },
  ])('is not of %j', (change) => {
    expect(signatureFault({ ...summary, ...change }, signature)).toBe(
      'the signature is not of this checkpoint',
    );
  });

  it('is not taken from somebody else', () => {
    const stranger = generateKeyPairSync('ed25519');
    const other = signCheckpoint(summary, stranger.privateKey);
    expect(signatureFault(summary, other, publicKey)).toMatch('signed with another key');
    const posing = { ...other, publicKey: publicKeyText(publicKey) };
    expect(signatureFault(summary, posing, publicKey)).toMatch('not of this checkpoint');
    expect(signatureFault(summary, { publicKey: 'AAAA', value: '' })).toMatch('not a public key');
  });

  it('is made with Ed25519 keys only, read from PEM', () => {
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(signCheckpoint(summary, readSigningKey(pem))).toEqual(signature);
    expect(publicKeyText(readPublicKey(pem))).toBe(signature.publicKey);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const rsaPem = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(() => readSigningKey(rsaPem)).toThrow(SigningKeyInvalid);
    expect(() => readSigningKey('no key')).toThrow(SigningKeyInvalid);
    expect(() => readPublicKey('no key')).toThrow(SigningKeyInvalid);
  });
});

describe('the file of a checkpoint', () => {
  const signature = { publicKey: 'AAAA', value: 'BBBB' };
  const checkpoint = (over: Partial<Checkpoint> = {}): Checkpoint => ({
    ...summaryOf(heads(3)),
    signature: null,
    heads: heads(3),
    ...over,
  });
  const textOf = (of: Checkpoint): string => [...checkpointText(of)].join('');

  it.each([
    checkpoint(),
    checkpoint({ signature }),
    checkpoint({ ...summaryOf([]), heads: [], position: 'none' }),
    checkpoint({ heads: [head('account-"\\\u2028ž')] }),
  ])('is read as it was written (%#)', (written) => {
    expect(readCheckpoint(textOf(written))).toEqual(written);
  });

  it.each([
    ['', /JSON/],
    ['[]', /object/],
    [textOf(checkpoint()).replace('"schema": 1', '"schema": 2'), /^schema: /],
    [textOf(checkpoint()).replace('"position": "17"', '"position": 17'), /^position: /],
    [textOf(checkpoint()).replace('"digest": "', '"digest": "A'), /^digest: /],
    [textOf(checkpoint({ heads: [head('a', -1)] })), /^heads\.0\.1: /],
    [textOf(checkpoint()).replace('"heads"', '"more": 1,\n"heads"'), /more/],
  ])('is not read from another text (%#)', (text, message) => {
    expect(() => readCheckpoint(text)).toThrow(CheckpointInvalid);
    expect(() => readCheckpoint(text)).toThrow(message);
  });
});
