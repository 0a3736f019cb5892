/**
 * What follows from a source's settings and the time, pure: which files of the window are due, when it is asked again, which secrets
 * it needs, whether a name fits. The pages run the same file.
 */
import type { SecretName, SourceSettings } from './model.ts';

const hour = 3_600_000;
export const slotMs = { hour, day: 24 * hour } as const;
export type Grain = keyof typeof slotMs;

const placeholders = ['yyyy', 'MM', 'dd', 'HH'] as const;

/** The grain of an address with placeholders; null where it has none. `wrong`: one that is not known, or a grain without its day. */
export function grainOf(url: string): Grain | null | 'wrong' {
  const found = [...url.matchAll(/\{([^}]*)\}/g)].map((m) => m[1] ?? '');
  if (found.length === 0) return /[{}]/.test(url) ? 'wrong' : null;
  if (found.some((name) => !(placeholders as readonly string[]).includes(name))) return 'wrong';
  if (!['yyyy', 'MM', 'dd'].every((name) => found.includes(name))) return 'wrong';
  return found.includes('HH') ? 'hour' : 'day';
}

/** The address of the slot that begins at `at`, in UTC. */
export function slotUrl(url: string, at: number): string {
  const iso = new Date(at).toISOString();
  const parts: Readonly<Record<string, string>> = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13) };
  return url.replaceAll(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

/** `2026-06-14T01` or `2026-06-14`. */
export const slotName = (grain: Grain, at: number): string => new Date(at).toISOString().slice(0, grain === 'hour' ? 13 : 10);

export interface SlotCursor {
  /** Beginning of the first slot that was never asked for; null before the first run. */
  readonly next: number | null;
  /** Beginnings of slots that were asked for and not there. */
  readonly missing: readonly number[];
}

/**
 * Slots that are over and that the provider still keeps, and that were not fetched: oldest first. A slot is kept until the window
 * has passed since its end, so that a sleep of 80 hours with a window of 72 leaves 72 of them.
 */
export function slotsDue(grain: Grain, cursor: SlotCursor, now: number, windowMs: number): number[] {
  const step = slotMs[grain];
  const kept = (at: number): boolean => at + step > now - windowMs;
  const oldest = (Math.floor((now - windowMs) / step)) * step;
  const due = cursor.missing.filter((at) => kept(at) && at < (cursor.next ?? 0));
  for (let at = Math.max(oldest, cursor.next ?? oldest); at + step <= now; at += step) if (kept(at)) due.push(at);
  return [...new Set(due)].sort((a, b) => a - b);
}

/** The cursor once a slot was asked for. A slot that is not kept any more is forgotten: the feed's clock has told of it. */
export function slotAsked(grain: Grain, cursor: SlotCursor, at: number, there: boolean, now: number, windowMs: number): SlotCursor {
  const step = slotMs[grain];
  const missing = cursor.missing.filter((one) => one !== at && one + step > now - windowMs);
  return { next: Math.max(cursor.next ?? 0, at + step), missing: there ? missing : [...missing, at].sort((a, b) => a - b) };
}

/** Secrets that a source of these settings cannot do without. */
export function secretsNeeded(settings: SourceSettings): readonly SecretName[] {
  switch (settings.kind) {
    case 'folder': return [];
    case 'shadowserver': return ['apikey', 'secret'];
    case 'http': case 'misp': return settings.auth.scheme === 'none' ? [] : ['secret'];
    default: return ['secret'];
  }
}

/** Whether a name fits a pattern of `*` and `?`: at most as many steps as the product of their lengths. */
export function fits(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      [star, from] = [p, n];
      p++;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      from++;
      [p, n] = [star + 1, from];
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** What is wrong with settings beyond their form: the place and why; null where nothing is. */
export function settingsProblem(settings: SourceSettings): { readonly at: string; readonly why: 'placeholders' | 'links' | 'slots' } | null {
  if (settings.kind === 'http') {
    const grain = grainOf(settings.url);
    if (grain === 'wrong') return { at: 'settings.url', why: 'placeholders' };
    if (grain !== null && settings.read !== 'file') return { at: 'settings.read', why: 'slots' };
  }
  if (settings.kind === 'imap' && settings.take === 'links' && settings.linkHosts.length === 0) return { at: 'settings.linkHosts', why: 'links' };
  return null;
}

/** Whether a letter's sender is on the list: the address, or `@domain` for all of a domain. */
export function senderFits(senders: readonly string[], from: readonly string[]): boolean {
  const allowed = senders.map((one) => one.toLowerCase());
  return from.length > 0 && from.every((address) => allowed.includes(address) || allowed.includes(address.slice(address.lastIndexOf('@'))));
}

/** A name that can stand for a file: its last part, without what a terminal or a page could take for something else. */
export function plainName(text: string, otherwise: string): string {
  const last = text.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replaceAll(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim().slice(-200);
  return plain === '' || plain === '.' || plain === '..' ? otherwise : plain;
}

/** Where a secret of these settings is said: another place does not get the one that was set for this. */
export function placeOf(settings: SourceSettings): string {
  switch (settings.kind) {
    case 'http': case 'misp': return `${settings.kind} ${originOf(settings.url)} ${settings.auth.scheme}`;
    case 'folder': return 'folder';
    case 'imap': return `imap ${settings.host.toLowerCase()}:${settings.port}`;
    case 's3': return `s3 ${settings.endpoint === null ? '' : originOf(settings.endpoint)} ${settings.accessKeyId}`;
    case 'shadowserver': return `shadowserver ${originOf(settings.api)}`;
  }
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);

export interface Stretch { readonly from: number; readonly to: number }

/**
 * The last days of a feed, oldest first. `lost`: a gap reaches into the day. `missing`: something was due and nothing came that day.
 * `late`: it came, and had been due before. `none`: nothing was due, and nothing came.
 */
export function stripOf(
  days: readonly string[], of: { readonly files: ReadonlyMap<string, number>; readonly overdue: readonly Stretch[]; readonly lost: readonly Stretch[] },
): { day: string; state: 'none' | 'delivered' | 'late' | 'missing' | 'lost'; files: number }[] {
  return days.map((day) => {
    const from = Date.parse(`${day}T00:00:00Z`);
    const within = (list: readonly Stretch[]): boolean => list.some((one) => one.from < from + slotMs.day && one.to > from);
    const files = of.files.get(day) ?? 0;
    const overdue = within(of.overdue);
    const state = within(of.lost) ? 'lost' : files > 0 ? (overdue ? 'late' : 'delivered') : overdue ? 'missing' : 'none';
    return { day, state, files };
  });
}
