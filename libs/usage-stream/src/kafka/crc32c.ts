/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes taken at a time. */
const STRIDE = 8;

/** Eight tables of 256: what a byte does to the sum when none, one, … seven others come behind it. */
const TABLE = makeTable();

/** CRC-32C (Castagnoli), which guards Kafka's record batches. */
export function crc32c(bytes: Uint8Array): number {
  const { length } = bytes;
  let crc = -1;
  let at = 0;
  for (; at + STRIDE <= length; at += STRIDE) {
    const mixed = crc ^ littleEndian(bytes, at);
    crc =
      effect(7, mixed & 255) ^
      effect(6, (mixed >>> 8) & 255) ^
      effect(5, (mixed >>> 16) & 255) ^
      effect(4, mixed >>> 24) ^
      effect(3, byteAt(bytes, at + 4)) ^
      effect(2, byteAt(bytes, at + 5)) ^
      effect(1, byteAt(bytes, at + 6)) ^
      effect(0, byteAt(bytes, at + 7));
  }
  for (; at < length; at++) crc = effect(0, (crc ^ byteAt(bytes, at)) & 255) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function effect(behind: number, byte: number): number {
  return TABLE[(behind << 8) | byte] ?? 0;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return (
    byteAt(bytes, at) |
    (byteAt(bytes, at + 1) << 8) |
    (byteAt(bytes, at + 2) << 16) |
    (byteAt(bytes, at + 3) << 24)
  );
}

function makeTable(): Int32Array {
  const table = new Int32Array(STRIDE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let entry = 256; entry < table.length; entry++) {
    const before = table[entry - 256] ?? 0;
    table[entry] = (table[before & 255] ?? 0) ^ (before >>> 8);
  }
  return table;
}
