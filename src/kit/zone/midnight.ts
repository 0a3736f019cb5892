/** Calendar days of a governing time zone as instants, by the zone data of the runtime (IANA names). */

/** Whether the runtime knows the zone. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/** Offset of the zone from UTC at an instant, in milliseconds, positive to the east. */
export function offsetMs(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
    minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(
    part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(at / 1000) * 1000;
}

/**
 * The first instant of a day (`YYYY-MM-DD`) in a zone, as RFC 3339 UTC. Where the clock jumps over midnight it is the
 * first instant after the jump.
 */
export function midnight(day: string, zone: string): string {
  const local = Date.parse(`${day}T00:00:00Z`);
  const before = local - offsetMs(zone, local - 86_400_000);
  const after = local - offsetMs(zone, local + 86_400_000);
  for (const candidate of [Math.min(before, after), Math.max(before, after)]) {
    if (candidate + offsetMs(zone, candidate) >= local) return new Date(candidate).toISOString();
  }
  return new Date(Math.max(before, after)).toISOString();
}

/** The local day (`YYYY-MM-DD`) of an instant in milliseconds. */
export function localDay(at: number, zone: string): string {
  return new Date(at + offsetMs(zone, at)).toISOString().slice(0, 10);
}
