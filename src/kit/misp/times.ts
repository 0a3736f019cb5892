/** Times of MISP and of STIX in each other's words. MISP writes seconds since 1970, or RFC 3339 with an offset; STIX wants UTC. */
import { parseTime, timeText } from '#kit/stix/time';

const shape = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Microseconds since 1970 of a time of MISP; without an offset it is UTC, a day alone begins at midnight. Null where it is none. */
export function mispTime(text: string): bigint | null {
  const parts = shape.exec(text);
  if (!parts) return null;
  const [, day = '', clock = '00:00:00', zone = 'Z'] = parts;
  const time = parseTime(`${day}T${clock.length === 5 ? `${clock}:00` : clock}Z`);
  if (!time) return null;
  if (zone === 'Z') return time.us;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return Number(zone.slice(-2)) > 59 || minutes > 900 ? null : time.us - BigInt(minutes) * 60_000_000n * (zone.startsWith('-') ? -1n : 1n);
}

export function isMispTime(text: string): boolean {
  const us = mispTime(text);
  return us !== null && us >= -62_167_219_200_000_000n && us < 253_402_300_800_000_000n;
}

/** The text that STIX has for a time of MISP, or null. */
export function stixTime(text: string): string | null {
  return isMispTime(text) ? timeText(mispTime(text) ?? 0n, true) : null;
}
/** And for seconds since 1970. */
export const stixSeconds = (seconds: number): string => timeText(BigInt(seconds) * 1_000_000n, true);

/** Seconds since 1970 of a time of STIX; 0 where it is none or lies before. */
export function secondsOf(value: unknown): number {
  const time = parseTime(value);
  return time && time.us > 0n ? Number(time.us / 1_000_000n) : 0;
}
/** A time of STIX as MISP writes it. */
export function mispTimeOf(value: unknown): string | null {
  const time = parseTime(value);
  return time && isMispTime(time.text.replace(/(\.\d{9})\d+/, '$1')) ? timeText(time.us).replace('Z', '+00:00') : null;
}
