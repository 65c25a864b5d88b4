import { decompress as unzstd } from 'fzstd';
import kafkajs from 'kafkajs';
import lz4 from 'lz4js';
import snappy from 'snappyjs';

/** What Java's snappy streams begin with; other clients send bare snappy blocks. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic, a version and a compatible version, four bytes each. */
const XERIAL_HEADER_BYTES = 16;

/** Bytes one LZ4 record batch may have when expanded: an LZ4 sequence cannot expand more than 255-fold. */
const lz4Bound = (compressedBytes: number): number =>
  Math.min(compressedBytes * 255 + 65_536, 512 * 1024 * 1024);

export function uncompressSnappy(data: Buffer): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return asBuffer(snappy.uncompress(data));
  const blocks: Uint8Array[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < data.length;) {
    const size = data.readInt32BE(at);
    blocks.push(snappy.uncompress(data.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const readOnly = (name: string, decompress: (data: Buffer) => Buffer) => () => ({
  decompress: (data: Buffer) => Promise.resolve(decompress(data)),
  compress: () => Promise.reject(new Error(`${name} is read but never written: send gzip or nothing`)),
});

/**
 * kafkajs brings gzip only, and stops a consumer for good at the first batch in another compression. Producers
 * choose theirs freely, so all four that Kafka knows have to be readable.
 */
export function registerCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  codecs[types.Snappy] = readOnly('snappy', uncompressSnappy);
  codecs[types.LZ4] = readOnly('lz4', (data) => asBuffer(lz4.decompress(data, lz4Bound(data.length))));
  codecs[types.ZSTD] = readOnly('zstd', (data) => asBuffer(unzstd(data)));
}
