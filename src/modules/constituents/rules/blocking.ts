/**
 * What may be blocked, for how long, and by how many hands. Pure. Names and prefixes are compared by keys: the labels of a
 * name in reverse, each with a dot behind (`com.example.www.`), a prefix as its address in hex and its length. By them what
 * lies above is a handful of exact keys and what lies below is one range, whether a million names are in memory or in a table.
 */
import { parse as parseHost } from 'tldts';
import { formatIp, formatPrefix, isV4, maskTo, parsePrefix, type Prefix } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import type { BlockingEntry, Collision, EntryKind, LineVerdict } from '../model/blocking.ts';
import { longestDays } from './collisions.ts';
import { canonicalValue } from './registry.ts';

const dayMs = 86_400_000;

/** Lines taken at once, and entries that one list may serve. */
export const mostLines = 10_000;
export const mostEntries = 50_000;
/** In a zone a name has `*.` before it and the zone's own name behind it; one that does not fit would keep the whole zone from loading. */
const longestName = 200;
/** Collisions named of one entry; one is enough to want a second person. */
export const mostCollisions = 10;

export interface Target { readonly kind: EntryKind; readonly value: string }

/**
 * Space in which a block hits one's own machines or nothing at all (IANA special-purpose registries). Shared space
 * (100.64.0.0/10) and the documentation ranges are not here: the demonstration's networks stand there (docs/decisions/0004).
 */
const unroutable = new Set([
  '0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/4', '240.0.0.0/4',
  '::/8', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
].map(keyOf));
const sharedSpace = '100.64.0.0/10';
/** Shortest prefix that may be blocked, by family: whatever is wider holds far more strangers than wrongdoers. */
const shortest = { v4: 16, v6: 32 } as const;

function no(code: string, sentence: string, hint?: string): Refusal {
  return new Refusal('invalid', `blocklist.${code}`, sentence, hint === undefined ? {} : { hint });
}

/** One line as an entry, in the one way to write it: an address, a prefix, a name, or the address of something on the web. */
export function readTarget(text: string): Target {
  const word = text.trim();
  const web = /^https?:\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:@]+)(?::\d{1,5})?(?:[/?#].*)?$/i.exec(word);
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(word) && !web) throw no('not-an-address', 'This is no address of something on the web.');
  const said = web ? (web[1] ?? '').replaceAll(/[[\]]/g, '') : word;
  const prefix = parsePrefix(said);
  if (prefix) return addressTarget(prefix);
  if (/^[\d.]+(\/\d+)?$|:/.test(said)) {
    throw no('not-a-prefix', 'This is no address and no prefix.', 'Write 8.8.8.8, or 8.8.8.0/24 with no bit set behind the length.');
  }
  if (/^[\w-]+\.?$/.test(said)) throw no('top-level', 'A name without a dot is a whole top-level domain, or none.');
  const value = nameOf(said);
  if (value.length > longestName) throw no('name-too-long', `A name longer than ${longestName} characters fits in no policy zone.`);
  return { kind: web ? 'url-host' : 'domain', value };
}

function addressTarget(prefix: Prefix): Target {
  const single = prefix.bits === 128;
  return { kind: single ? 'ip' : 'cidr', value: single ? formatIp(prefix.network) : formatPrefix(prefix) };
}

function nameOf(text: string): string {
  try {
    return canonicalValue('domain', text);
  } catch {
    throw no('not-a-name', 'This is no domain.', 'Write bad.example; other scripts in their xn-- form.');
  }
}

/** Throws where an entry is not to be had, by however many hands. `own` are names of the hub itself. */
export function refuseTarget({ kind, value }: Target, own: readonly string[]): void {
  if (kind === 'ip' || kind === 'cidr') return refusePrefix(parsePrefix(value));
  const host = parseHost(value, { allowPrivateDomains: false, validateHostname: false });
  if (host.domain === null) throw no('public-suffix', 'Under this name everybody registers their own.', 'Block the single names below it.');
  if (own.some((name) => ['same', 'over'].includes(relationOf(keyOf(value), keyOf(name)) ?? ''))) {
    throw no('own-name', 'Whoever blocks this cannot reach this hub any more.');
  }
}

function refusePrefix(prefix: Prefix | null): void {
  if (!prefix) throw no('not-a-prefix', 'This is no address and no prefix.');
  const v4 = isFour(prefix);
  // Width first: 0.0.0.0/0 is refused for what it is, not for the private networks within it.
  if (prefix.bits - (v4 ? 96 : 0) < (v4 ? shortest.v4 : shortest.v6)) {
    const least = v4 ? shortest.v4 : shortest.v6;
    throw no('too-wide', `A prefix shorter than /${least} is not blocked.`, 'Block the networks within it that are meant.');
  }
  // None of them is narrower than what may be blocked, so what touches one lies in it.
  const special = keysAbove(keyOfPrefix(prefix)).find((above) => unroutable.has(above));
  if (special !== undefined) throw no('not-routable', `This lies in ${valueOfKey(special)}, which is nobody’s on the internet.`);
}

const isFour = (prefix: Prefix | null): boolean => prefix !== null && prefix.bits >= 96 && isV4(prefix.network);

/** Collisions that need no list: names under which strangers have names of their own, space that providers' customers share. */
export function bornCollisions({ kind, value }: Target): Collision[] {
  if (kind === 'ip' || kind === 'cidr') {
    const how = relationOf(keyOf(value), keyOf(sharedSpace));
    return how === null ? [] : [{ with: 'shared-space', name: sharedSpace, how, holder: null }];
  }
  const host = parseHost(value, { allowPrivateDomains: true, validateHostname: false });
  return host.isPrivate === true && host.domain === null ? [{ with: 'shared-suffix', name: value, how: 'same', holder: null }] : [];
}

/** The key of a canonical name, address or prefix. */
export function keyOf(value: string): string {
  const prefix = parsePrefix(value);
  return prefix ? keyOfPrefix(prefix) : `${value.split('.').reverse().join('.')}.`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A name's key never begins with a tilde, so both kinds stand in one table. */
function keyOfPrefix({ network, bits }: Prefix): string {
  return `~${hex(network)}/${String(bits).padStart(3, '0')}`;
}

function prefixOfKey(key: string): Prefix | null {
  const [, digits = '', bits = ''] = /^~([0-9a-f]{32})\/(\d{3})$/.exec(key) ?? [];
  if (digits === '') return null;
  return { network: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)), bits: Number(bits) };
}

/** What a key stands for, as one writes it. */
export function valueOfKey(key: string): string {
  const prefix = prefixOfKey(key);
  return prefix ? addressTarget(prefix).value : key.slice(0, -1).split('.').reverse().join('.');
}

/** The keys of a thing itself and of all that covers it, the widest first. An IPv4 prefix is covered by IPv4 prefixes alone. */
export function keysAbove(key: string): string[] {
  const prefix = prefixOfKey(key);
  if (prefix) {
    const from = isFour(prefix) ? 96 : 0;
    return Array.from({ length: prefix.bits - from + 1 }, (_, i) => from + i)
      .map((bits) => keyOfPrefix({ network: maskTo(prefix.network, bits), bits }));
  }
  const labels = key.slice(0, -1).split('.');
  return labels.map((_, i) => `${labels.slice(0, i + 1).join('.')}.`);
}

/** Keys of what lies below are greater than the first and less than the second, byte by byte. */
export function rangeBelow(key: string): readonly [above: string, below: string] {
  const prefix = prefixOfKey(key);
  // A slash is the character after the dot.
  if (!prefix) return [key, `${key.slice(0, -1)}/`];
  const left = (i: number): number => Math.min(8, Math.max(0, prefix.bits - i * 8));
  const last = prefix.network.map((byte, i) => byte | (255 >> left(i)));
  return [key, `~${hex(last)}/999`];
}

/** How one thing lies to another: that very thing, under it, or over it; null where they do not touch. */
export function relationOf(key: string, other: string): Collision['how'] | null {
  if (key === other) return 'same';
  if (liesUnder(key, other)) return 'under';
  return liesUnder(other, key) ? 'over' : null;
}

function liesUnder(key: string, other: string): boolean {
  const [inner, outer] = [prefixOfKey(key), prefixOfKey(other)];
  if (!inner || !outer) return !inner && !outer && key.startsWith(other);
  return outer.bits < inner.bits && isFour(inner) === isFour(outer)
    && keyOfPrefix({ ...outer, network: maskTo(inner.network, outer.bits) }) === other;
}

/** Things in memory, asked as the table is: by exact keys above and one range below. */
export class GuardIndex<T> {
  private readonly sorted: readonly { readonly key: string; readonly of: T }[];

  constructor(items: readonly { readonly key: string; readonly of: T }[]) {
    this.sorted = items.toSorted((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
  }

  find(key: string): { readonly key: string; readonly of: T; readonly how: Collision['how'] }[] {
    const above = keysAbove(key).flatMap((k) => this.between(k, (other) => other === k)
      .map((item) => ({ ...item, how: k === key ? 'same' as const : 'under' as const })));
    const [from, to] = rangeBelow(key);
    const below = this.between(from, (other) => other < to).filter((item) => item.key !== key)
      .map((item) => ({ ...item, how: 'over' as const }));
    return [...above, ...below];
  }

  private between(from: string, within: (key: string) => boolean): { readonly key: string; readonly of: T }[] {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle]?.key ?? '') < from) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let i = low; i < this.sorted.length && found.length < mostCollisions; i++) {
      const item = this.sorted[i];
      if (!item || !within(item.key)) break;
      found.push(item);
    }
    return found;
  }
}

/** The end of an entry: after now, and no further than the longest term. */
export function checkExpiry(expiresAt: string, now: number): void {
  const until = Date.parse(expiresAt);
  if (until > now && until <= now + longestDays * dayMs) return;
  throw new Refusal('invalid', 'blocklist.term', `An entry ends, within ${longestDays} days from now.`, { at: 'expiresAt' });
}

/** The state by the clock: what is past its end has ended, whether or not anybody has written that down yet. */
export function stateOf(entry: Pick<BlockingEntry, 'state' | 'expiresAt'>, now: number): BlockingEntry['state'] {
  const open = entry.state === 'active' || entry.state === 'waiting';
  return open && Date.parse(entry.expiresAt) <= now ? 'expired' : entry.state;
}

/** What there is to know to judge lines: what stands on the list, and what each thing collides with. */
export interface Standing {
  readonly there: ReadonlySet<string>;
  readonly own: readonly string[];
  readonly collisions: (target: Target) => readonly Collision[];
}

/** The lines of a text that say something, with their numbers; what begins with # is a remark. */
export function linesOf(text: string): { line: number; text: string }[] {
  const lines = text.split(/\r\n|\n|\r/).map((each, i) => ({ line: i + 1, text: each.trim() }))
    .filter((l) => l.text !== '' && !l.text.startsWith('#'));
  if (lines.length === 0) throw no('nothing', 'There is no line to add.');
  if (lines.length > mostLines) throw no('too-many-lines', `More than ${mostLines} lines at once.`);
  return lines;
}

/** Reads what can be read, so that collisions are asked about once for all lines. */
export function targetsOf(lines: readonly { readonly text: string }[]): Target[] {
  return lines.flatMap(({ text }) => {
    try {
      return [readTarget(text)];
    } catch {
      return [];
    }
  });
}

export function judgeLines(lines: readonly { readonly line: number; readonly text: string }[], standing: Standing): LineVerdict[] {
  const seen = new Map<string, number>();
  return lines.map(({ line, text }): LineVerdict => {
    const shown = { line, text: text.slice(0, 300) };
    try {
      const target = readTarget(text);
      const before = seen.get(target.value);
      if (before !== undefined) throw no('twice', `This stands on line ${before} already.`);
      seen.set(target.value, line);
      refuseTarget(target, standing.own);
      if (standing.there.has(target.value)) return { ...shown, ...target, verdict: 'there', code: null, why: null, collides: [] };
      const collides = [...standing.collisions(target)];
      return { ...shown, ...target, verdict: collides.length > 0 ? 'second-person' : 'ok', code: null, why: null, collides };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...shown, verdict: 'refused', kind: null, value: null, code: error.code, why: error.message, collides: [] };
    }
  });
}

/** An entry as an earlier edition served it. */
export interface Served { readonly id: string; readonly kind: EntryKind; readonly value: string; readonly expiresAt: string }

export interface RollbackPlan {
  /** Entries of that edition that stand there no more, or with another end. */
  readonly back: readonly Served[];
  /** Ids of active entries that were not in it. */
  readonly gone: readonly string[];
  /** Entries of it whose end, as it stood then, has come. */
  readonly expired: readonly Served[];
}

/** What going back to an edition changes. What has expired since is not brought back. */
export function planRollback(then: readonly Served[], active: readonly { id: string; expiresAt: string }[], now: number): RollbackPlan {
  const expired = then.filter((e) => Date.parse(e.expiresAt) <= now);
  const kept = then.filter((e) => Date.parse(e.expiresAt) > now);
  const standing = new Map(active.map((e) => [e.id, e.expiresAt]));
  const keeps = new Set(kept.map((e) => e.id));
  return {
    back: kept.filter((e) => Date.parse(standing.get(e.id) ?? '') !== Date.parse(e.expiresAt)),
    gone: active.filter((e) => !keeps.has(e.id)).map((e) => e.id), expired,
  };
}
