const HEX = /^(?:[0-9a-f]{2})+$/;

/** Nearly every fingerprint is a hash in hexadecimal: kept as its bytes, half as long. Any other text as it is. */
export function storedFingerprint(fingerprint: string): string | Buffer {
  return HEX.test(fingerprint) ? Buffer.from(fingerprint, 'hex') : fingerprint;
}

export function readFingerprint(stored: string | Buffer): string {
  return typeof stored === 'string' ? stored : stored.toString('hex');
}
