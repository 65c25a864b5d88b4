import Decoder from 'kafkajs/src/protocol/decoder.js';

/**
 * Brokers take any negative length of a key, a value or the value of a header, and Kafka's own clients read null.
 * kafkajs 2.2.4 does so for -1 and steps back in the bytes for any other, so that the batch cannot be read, and its
 * partition stands still for ever. Most batches are read without kafkajs; this is for those with something else in them
 * that only it reads.
 */
export function replaceNullLengths(): void {
  if (typeof Decoder.prototype.readVarIntBytes !== 'function') {
    throw new Error(
      'This kafkajs has no Decoder.readVarIntBytes: null lengths were written for kafkajs 2.2.4.',
    );
  }
  Decoder.prototype.readVarIntBytes = function () {
    const length = this.readVarInt();
    return length < 0 ? null : this.readBytes(length);
  };
}
