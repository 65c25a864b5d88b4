import * as z from 'zod';
import { CHECKPOINT_SCHEMA, type Checkpoint } from './checkpoint.js';

/** A text that is no checkpoint. */
export class CheckpointInvalid extends Error {
  override readonly name = 'CheckpointInvalid';
}

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const base64 = z.base64();

const file = z.strictObject({
  schema: z.literal(CHECKPOINT_SCHEMA),
  takenAt: z.iso.datetime(),
  position: z.string().regex(/^(\d+|none)$/, 'must be a position, or "none"'),
  streams: z.int().nonnegative(),
  digest,
  signature: z.strictObject({ algorithm: z.literal('Ed25519'), publicKey: base64, value: base64 }).nullable(),
  heads: z.array(z.tuple([z.string(), z.int().nonnegative(), digest])),
});

/** @throws CheckpointInvalid naming what is wrong */
export function readCheckpoint(text: string): Checkpoint {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CheckpointInvalid(error instanceof Error ? error.message : 'not JSON');
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CheckpointInvalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`);
  }
  const { takenAt, position, streams, digest, signature, heads } = parsed.data;
  return {
    takenAt,
    position,
    streams,
    digest,
    signature: signature && { publicKey: signature.publicKey, value: signature.value },
    heads: heads.map(([stream, revision, hash]) => ({ stream, revision, hash })),
  };
}

/** The text of a checkpoint in pieces, a head per line. */
export function* checkpointText(checkpoint: Checkpoint): Generator<string> {
  const { takenAt, position, streams, digest, heads } = checkpoint;
  const signature = checkpoint.signature && { algorithm: 'Ed25519', ...checkpoint.signature };
  const summary = { schema: CHECKPOINT_SCHEMA, takenAt, position, streams, digest, signature };
  const members = Object.entries(summary).map(([name, value]) => `"${name}": ${JSON.stringify(value)},\n`);
  yield `{\n${members.join('')}"heads": [`;
  let separator = '\n';
  for (const { stream, revision, hash } of heads) {
    yield `${separator}${JSON.stringify([stream, revision, hash])}`;
    separator = ',\n';
  }
  yield '\n]\n}\n';
}
