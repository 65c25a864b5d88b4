/**
 * A calendar duration, split into the part that needs a calendar and the part that is exact elapsed time.
 * Calendar days are not 24 hours where clocks change.
 */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  /** Hours, minutes and seconds together, in milliseconds. */
  readonly ms: number;
}

/** A text that is not an ISO 8601 duration of whole, positive components (`P3M`, `P30D`, `P1DT12H`). */
export class InvalidDuration extends Error {
  override readonly name = 'InvalidDuration';
  constructor(readonly value: string) {
    super(
      `not an ISO 8601 duration of whole components and at most ${MAX_YEARS} years: ${JSON.stringify(value.slice(0, 64))}`,
    );
  }
}

/** Longer ones would lead out of the calendar (year 9999) and mean "never": leave the duration out instead. */
const MAX_YEARS = 1000;

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;
const MAX_MS = MAX_YEARS * 366 * MS_PER_DAY;

const ISO_8601 =
  /^P(?=\d|T\d)(?:(\d{1,7})Y)?(?:(\d{1,7})M)?(?:(\d{1,7})W)?(?:(\d{1,7})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/;

function read(text: string): Duration | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const part = (group: number) => Number(match[group] ?? 0);
  const duration = {
    years: part(1),
    months: part(2),
    weeks: part(3),
    days: part(4),
    ms: part(5) * MS_PER_HOUR + part(6) * MS_PER_MINUTE + part(7) * MS_PER_SECOND,
  };
  const days = duration.years * 366 + duration.months * 31 + duration.weeks * 7 + duration.days;
  return days * MS_PER_DAY + duration.ms <= MAX_MS ? duration : undefined;
}

/**
 * Reads an ISO 8601 duration of whole components: no sign, no fraction, at most a thousand years. `PT0S` is one.
 * @throws InvalidDuration
 */
export function parseDuration(text: string): Duration {
  const duration = read(text);
  if (!duration) throw new InvalidDuration(text);
  return duration;
}

export function isDuration(text: string): boolean {
  return read(text) !== undefined;
}

/** A duration that is not nothing: `P0D` and `PT0S` are durations, but not positive ones. */
export function isPositiveDuration(text: string): boolean {
  const duration = read(text);
  return duration !== undefined && Object.values(duration).some((part: number) => part > 0);
}

/**
 * Milliseconds of a duration that needs no calendar: weeks, days (of 24 hours), hours, minutes, seconds.
 * Undefined when the text is no duration or counts months or years, whose length depends on where one starts.
 */
export function exactDurationMs(text: string): number | undefined {
  const duration = read(text);
  if (!duration || duration.years > 0 || duration.months > 0) return undefined;
  return (duration.weeks * 7 + duration.days) * MS_PER_DAY + duration.ms;
}
