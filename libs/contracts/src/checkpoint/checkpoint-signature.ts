import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { checkpointStatement, type CheckpointSignature, type CheckpointSummary } from './checkpoint.js';

/** A key that checkpoints are not signed with. */
export class SigningKeyInvalid extends Error {
  override readonly name = 'SigningKeyInvalid';
}

/** From PEM (PKCS #8). @throws SigningKeyInvalid */
export function readSigningKey(pem: string | Buffer): KeyObject {
  return ed25519(() => createPrivateKey(pem), 'private');
}

/** From PEM (SubjectPublicKeyInfo); that of a private key will do. @throws SigningKeyInvalid */
export function readPublicKey(pem: string | Buffer): KeyObject {
  return ed25519(() => createPublicKey(pem), 'public');
}

export function signCheckpoint(summary: CheckpointSummary, key: KeyObject): CheckpointSignature {
  return {
    publicKey: publicKeyText(createPublicKey(key)),
    value: sign(null, checkpointStatement(summary), key).toString('base64'),
  };
}

/** How a checkpoint names the key it was signed with. */
export function publicKeyText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

/**
 * What is wrong with a signature; undefined when nothing is.
 * @param trusted the key it must have been made with; undefined: the one it names, which proves that the checkpoint is
 * whole, and not who took it
 */
export function signatureFault(
  summary: CheckpointSummary,
  { publicKey, value }: CheckpointSignature,
  trusted?: KeyObject,
): string | undefined {
  if (trusted && publicKeyText(trusted) !== publicKey) return `signed with another key: ${publicKey}`;
  let key: KeyObject;
  try {
    key = trusted ?? readPublicKeyText(publicKey);
  } catch (error) {
    return error instanceof Error ? error.message : 'signed with an unreadable key';
  }
  const genuine = verify(null, checkpointStatement(summary), key, Buffer.from(value, 'base64'));
  return genuine ? undefined : 'the signature is not of this checkpoint';
}

function readPublicKeyText(text: string): KeyObject {
  const der = Buffer.from(text, 'base64');
  return ed25519(() => createPublicKey({ key: der, format: 'der', type: 'spki' }), 'public');
}

function ed25519(read: () => KeyObject, kind: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SigningKeyInvalid(`not a ${kind} key: ${why}`, { cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SigningKeyInvalid(`checkpoints are signed with Ed25519, not ${String(key.asymmetricKeyType)}`);
  return key;
}
