/**
 * Times by a pattern, for feeds that write them in their own way: `dd/MM/yyyy HH:mm` in a zone. Letters as in Unicode TR 35, few of
 * them: yyyy MM dd HH hh mm ss a; every other letter stands in single quotes; `*` is anything to the end.
 */
import { offsetMs } from '../zone/midnight.ts';

const parts: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})', MM: '(?<month>\\d{1,2})', dd: '(?<day>\\d{1,2})', HH: '(?<hour>\\d{1,2})', hh: '(?<twelve>\\d{1,2})',
  mm: '(?<minute>\\d{2})', ss: '(?<second>\\d{2})', a: '(?<half>[AaPp])\\.?[Mm]\\.?',
};

export type TimeReader = (text: string) => number | null;

/** A reader of seconds since 1970, null where the text does not fit; null instead of a reader where the pattern is none. `zone`: IANA, or `+07:00`. */
export function timeReader(pattern: string, zone: string): TimeReader | null {
  const source = sourceOf(pattern);
  const offset = offsetReader(zone);
  if (source === null || offset === null) return null;
  const fits = new RegExp(`^${source}$`);
  return (text) => {
    const groups = fits.exec(text.trim())?.groups;
    if (groups === undefined) return null;
    const local = instant(groups);
    return local === null ? null : local - offset(local);
  };
}

function sourceOf(pattern: string): string | null {
  const seen = new Set<string>();
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const quoted = /^'([^']*)'/.exec(rest);
    const letters = /^([A-Za-z])\1*/.exec(rest)?.[0];
    if (quoted !== null) {
      source += escaped(quoted[1] ?? '');
      at += quoted[0].length;
    } else if (letters !== undefined) {
      const part = parts[letters];
      if (part === undefined || seen.has(letters)) return null;
      seen.add(letters);
      source += part;
      at += letters.length;
    } else {
      if (rest.startsWith('*') && rest.length > 1) return null;
      source += rest.startsWith('*') ? '.*' : escaped(rest[0] ?? '');
      at += 1;
    }
  }
  const whole = ['yyyy', 'MM', 'dd'].every((letters) => seen.has(letters)) && seen.has('hh') === seen.has('a');
  return whole && !(seen.has('hh') && seen.has('HH')) ? source : null;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Seconds as if it were UTC; null where a part is out of its range. */
function instant(groups: Readonly<Record<string, string>>): number | null {
  const of = (name: string): number => Number(groups[name] ?? 0);
  const half = groups['half'];
  const twelve = of('twelve');
  if (half !== undefined && (twelve < 1 || twelve > 12)) return null;
  const hour = half === undefined ? of('hour') : (twelve % 12) + (/p/i.test(half) ? 12 : 0);
  if (hour > 23 || of('minute') > 59 || of('second') > 60) return null;
  const at = Date.UTC(of('year'), of('month') - 1, of('day'), hour, of('minute'), Math.min(of('second'), 59));
  const made = new Date(at);
  return made.getUTCMonth() === of('month') - 1 && made.getUTCDate() === of('day') && made.getUTCFullYear() === of('year') ? at / 1000 : null;
}

/** Seconds east of UTC at a local time; asked of the zone's data once an hour of the data. */
function offsetReader(zone: string): ((local: number) => number) | null {
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(zone);
  if (fixed !== null) {
    const seconds = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60 * (fixed[1] === '-' ? -1 : 1);
    return Math.abs(seconds) > 14 * 3600 ? null : () => seconds;
  }
  try {
    offsetMs(zone, 0);
  } catch {
    return null;
  }
  const known = new Map<number, number>();
  return (local) => {
    const hour = Math.floor(local / 3600);
    const before = known.get(hour);
    if (before !== undefined) return before;
    // The offset at the local time read as UTC is right but near a change of clocks; asked once more it is right there too.
    const guess = offsetMs(zone, local * 1000) / 1000;
    const offset = offsetMs(zone, (local - guess) * 1000) / 1000;
    if (known.size > 10_000) known.clear();
    known.set(hour, offset);
    return offset;
  };
}
