/** The bytes are no message of their type, and at which field that shows. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  constructor(
    /** As the proto file names it: `usage.quantity`. */
    readonly path: string,
    /** What is wrong with the field. */
    readonly fault: string,
  ) {
    super(`${path}: ${fault}`);
  }
}

/** A field that is in the contract, and stands there as another kind of value. */
export function wrongWireType(path: string, wireType: number): MalformedMessage {
  return new MalformedMessage(path, `has a value of another type (wire type ${wireType})`);
}

/** A field that goes on beyond the message it is in. */
export function cutShort(path: string, length: number, left: number): MalformedMessage {
  return new MalformedMessage(path, `is cut short: must be ${length} bytes, and ${left} follow`);
}

/** A text whose bytes are none: read leniently, different ones would become the same text. */
export function notUtf8(path: string): MalformedMessage {
  return new MalformedMessage(path, 'is not UTF-8');
}
