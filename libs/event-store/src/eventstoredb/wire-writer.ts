import { MORE, PAYLOAD, PAYLOAD_RANGE } from './wire-format.js';

/** How many bytes a number takes. */
export function uintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= PAYLOAD_RANGE; rest = Math.floor(rest / PAYLOAD_RANGE)) bytes += 1;
  return bytes;
}

/** How many bytes a field takes whose content has so many (tags of one byte: fields 1 to 15). */
export function fieldBytes(contentBytes: number): number {
  return 1 + uintBytes(contentBytes) + contentBytes;
}

/** Writes a Protocol Buffers message whose size is known. */
export class WireWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  uint(value: number): void {
    let rest = value;
    for (; rest >= PAYLOAD_RANGE; rest = Math.floor(rest / PAYLOAD_RANGE))
      this.bytes[this.#at++] = (rest % PAYLOAD_RANGE) | MORE;
    this.bytes[this.#at++] = rest & PAYLOAD;
  }

  /** Begins a field whose content has so many bytes. */
  begin(tag: number, contentBytes: number): void {
    this.uint(tag);
    this.uint(contentBytes);
  }

  /** A field of text that takes so many bytes. */
  text(tag: number, text: string, bytes: number): void {
    this.begin(tag, bytes);
    this.bytes.write(text, this.#at);
    this.#at += bytes;
  }

  content(tag: number, content: Uint8Array): void {
    this.begin(tag, content.byteLength);
    this.bytes.set(content, this.#at);
    this.#at += content.byteLength;
  }
}
