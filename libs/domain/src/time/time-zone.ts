import { Temporal } from 'temporal-polyfill';

/** Answers about zones already asked for; a fixed offset (`+01:00`) is no zone, it knows no DST. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1024;
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** Whether this is a zone of the IANA database, by name (`Europe/Berlin`, `UTC`), that the calendar can compute with. */
export function isTimeZone(name: string): boolean {
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  if (!NAME.test(name)) return false;
  const found = lookUp(name);
  // Names come from plans, of which there are few; a flood of invented ones must not grow the map.
  if (known.size < MAX_KNOWN) known.set(name, found);
  return found;
}

/** @throws RangeError naming the zone */
export function requireTimeZone(name: string): void {
  if (!isTimeZone(name)) throw new RangeError(`not an IANA time zone: ${JSON.stringify(name.slice(0, 64))}`);
}

function lookUp(name: string): boolean {
  try {
    // Intl would know more names than the calendar: `PST` and `IST`, which are no zones of the database.
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
