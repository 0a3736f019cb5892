/**
 * Timestamps of STIX 2.1 (2.16): RFC 3339 in UTC with any number of digits after the second, all of which survive. Microseconds are a
 * bigint, since a number is exact only up to the year 2255 and `9999-12-31T23:59:59Z` is what people write for "for ever".
 */

export interface StixTime {
  /** Microseconds since 1970, rounded down. */
  readonly us: bigint;
  /** Digits after the sixth, without zeros at their end: what orders two times of one microsecond. */
  readonly rest: string;
  /** As it was sent. */
  readonly text: string;
}

const shape = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?Z$/;
/** More digits than any clock has; a longer text is no time. */
const longest = 300;
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** Days from 1970-01-01 in the proleptic Gregorian calendar, or null where there is no such day. */
function daysSince1970(year: number, month: number, day: number): number | null {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const first = daysBefore[month - 1];
  const next = daysBefore[month];
  if (first === undefined || next === undefined || day < 1 || day > next - first + (leap && month === 2 ? 1 : 0)) return null;
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  return before * 365 + leaps + first + (leap && month > 2 ? 1 : 0) + day - 1 - 719_162;
}

/**
 * The time that a text spells, or null. A leap second stands at 23:59:60 only, and is the same moment as the next midnight,
 * as it is for clocks that count seconds since 1970.
 */
export function parseTime(value: unknown): StixTime | null {
  if (typeof value !== 'string' || value.length > longest) return null;
  const parts = shape.exec(value);
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const days = daysSince1970(year, month, day);
  if (days === null || hour > 23 || minute > 59 || second > 60 || (second === 60 && (hour !== 23 || minute !== 59))) return null;
  const digits = parts[7] ?? '';
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
  return {
    us: BigInt(seconds) * 1_000_000n + BigInt(Number(digits.slice(0, 6).padEnd(6, '0'))),
    rest: digits.slice(6).replace(/0+$/, ''),
    text: value,
  };
}

/** Before 0, after 0 or at the same moment, to the last digit. */
export function compareTimes(a: StixTime, b: StixTime): -1 | 0 | 1 {
  if (a.us !== b.us) return a.us < b.us ? -1 : 1;
  // Digits of one place after another, so that a shorter text that the longer begins with is the smaller.
  return a.rest === b.rest ? 0 : a.rest < b.rest ? -1 : 1;
}

/** One text for each moment: two times are the same exactly if their keys are. Keys do not sort. */
export function timeKey(time: StixTime): string {
  return time.rest ? `${time.us}.${time.rest}` : String(time.us);
}

/** How many digits stand after the second; STIX wants three at least of `created` and `modified`. */
export function fractionDigits(time: StixTime): number {
  const dot = time.text.indexOf('.');
  return dot < 0 ? 0 : time.text.length - dot - 2;
}

const perDay = 86_400_000_000n;
/** Days after 9999-12-31 and before 0000-01-01 have no spelling in RFC 3339. */
const [firstDay, lastDay] = [-719_528n, 2_932_896n];

/** The text of a moment with six digits (as TAXII wants them), or three where they say it all and `short` is asked for. Throws RangeError. */
export function timeText(us: bigint, short = false): string {
  const days = us / perDay - (us % perDay < 0n ? 1n : 0n);
  if (days < firstDay || days > lastDay) throw new RangeError('no year of four digits has this moment');
  const within = Number(us - days * perDay);
  // The engine's own calendar, which is proleptic Gregorian too.
  const date = new Date(Number(days) * 86_400_000).toISOString().slice(-24, -14);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two(within / 3.6e9)}:${two((within / 6e7) % 60)}:${two((within / 1e6) % 60)}`;
  const digits = String(within % 1_000_000).padStart(6, '0');
  return `${date}T${clock}.${short && digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`;
}
