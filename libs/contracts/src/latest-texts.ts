const PLACES = 256;
const MAX_LENGTH = 64;

/**
 * Texts that came lately, so that what says the same from event to event (a source, a feature, a customer) is made once:
 * to make one costs more than to compare it.
 */
export class LatestTexts {
  readonly #texts: string[] = Array.from({ length: PLACES }, () => '');

  /** The text of these bytes, all of which are ASCII. */
  of(bytes: Buffer, from: number, end: number): string {
    const length = end - from;
    if (length < 2 || length > MAX_LENGTH) return bytes.toString('latin1', from, end);
    const place = ((bytes[end - 1] ?? 0) * 31 + (bytes[end - 2] ?? 0) * 7 + length) % PLACES;
    const latest = this.#texts[place] ?? '';
    if (latest.length === length && isText(bytes, from, latest)) return latest;
    const text = bytes.toString('latin1', from, end);
    this.#texts[place] = text;
    return text;
  }
}

function isText(bytes: Uint8Array, from: number, text: string): boolean {
  for (let index = 0; index < text.length; index++)
    if (bytes[from + index] !== text.charCodeAt(index)) return false;
  return true;
}
