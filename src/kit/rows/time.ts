/**
 * Times as feeds write them, to seconds since the epoch, UTC. A time without a zone is UTC, as the feeds document.
 * Known: ISO 8601 with T or blank, fractions and offsets; `MM/DD/YYYY HH:MM:SS [AM|PM]`; seconds and milliseconds since
 * 1970; 100-nanosecond steps since 1601 (Windows).
 */

/** Seconds, rounded down; null where the text is no time. */
export function secondsOf(value: unknown): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const quick = quickIso(text);
  if (quick !== null) return quick;
  if (/^\d+(\.\d+)?$/.test(text)) return fromNumber(Number(text));
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})[ T](\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(?: ?([AP])M)?$/i.exec(text);
  if (us) {
    const [, month, day, year, hour, minute, second, half] = us;
    const twelve = half ? (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0) : Number(hour);
    return civil(Number(year), Number(month), Number(day), twelve, Number(minute), Number(second));
  }
  const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/i.exec(text);
  if (!iso) return /^\d{4}-\d{2}-\d{2}$/.test(text) ? quickIso(`${text} 00:00:00`) : null;
  const plain = quickIso(`${iso[1] ?? ''} ${iso[2] ?? ''}${iso[3] ?? ':00'}`);
  const zone = iso[4] ?? 'Z';
  if (plain === null || /^(Z|UTC)$/i.test(zone)) return plain;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return plain + (zone.startsWith('-') ? 60 : -60) * minutes;
}

/** `YYYY-MM-DD HH:MM:SS`, the T form, and either with a final Z: the common shapes without a regular expression. */
function quickIso(text: string): number | null {
  const size = text.length;
  if (size !== 19 && !(size === 20 && text.charCodeAt(19) === 90)) return null;
  const middle = text.charCodeAt(10);
  if (middle !== 32 && middle !== 84) return null;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return null;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return null;
  return civil(two(text, 0) * 100 + two(text, 2), two(text, 5), two(text, 8), two(text, 11), two(text, 14), two(text, 17));
}

/** Two digits, NaN where they are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days from civil date (Howard Hinnant's algorithm) and the rest; null where a part is out of its range. */
function civil(year: number, month: number, day: number, hour: number, minute: number, second: number): number | null {
  if (!(month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 60 && year >= 0)) return null;
  if (day > 28 && day > daysIn(year, month)) return null;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
  return days * 86_400 + hour * 3600 + minute * 60 + Math.min(second, 59);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function fromNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  if (value > 1e16) return Math.floor(value / 1e7) - 11_644_473_600;
  if (value > 1e11) return Math.floor(value / 1000);
  return Math.floor(value);
}
