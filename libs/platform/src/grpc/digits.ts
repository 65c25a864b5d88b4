/** A whole number of a request with all its digits. Beyond what is exact it was rounded when it was read. */
export function digits(value: number): string {
  const all = String(BigInt(Math.trunc(value)));
  return Number.isSafeInteger(value) ? all : `about ${all}`;
}
