/** A value of a request as a fault tells it: whoever sent it may have made it as long as can be. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
