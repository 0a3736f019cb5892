/**
 * What has to be asked for to find everything that covers a value: a domain is covered by its parents, an address by prefixes, a URL by
 * folders above it and by its host, a mail address by its domain. Each is an exact key, so that one `= any(keys)` finds all.
 */
import { formatPrefix, maskTo, parsePrefix, readIp } from '#kit/ip/ip';
import { keyOf } from './key.ts';
import { coveringUrls, urlParts } from './url.ts';
import { withoutTag, type Value } from './value.ts';

/** How what is found relates to what was asked for. */
export type Covers = 'exact' | 'parent' | 'prefix' | 'path';

export interface Candidate extends Value {
  readonly covers: Covers;
}
export interface Probe extends Candidate {
  readonly key: string;
}

/** Lengths of prefixes in use, so that no others are asked for. */
export interface PrefixLengths {
  readonly v4: readonly number[];
  readonly v6: readonly number[];
}
export const allLengths: PrefixLengths = {
  v4: Array.from({ length: 32 }, (_, i) => i), v6: Array.from({ length: 128 }, (_, i) => i),
};

/** A domain's parents, nearest first, down to two labels. */
export function parentsOf(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.'));
}

function* prefixesOf(bytes: Uint8Array, below: number, v4: boolean, lengths: PrefixLengths): Generator<Candidate> {
  const inUse = [...new Set(v4 ? lengths.v4 : lengths.v6)].sort((a, b) => b - a);
  for (const length of inUse) {
    const bits = v4 ? length + 96 : length;
    if (length >= 0 && bits < below) yield { kind: 'prefix', value: formatPrefix({ network: maskTo(bytes, bits), bits }), covers: 'prefix' };
  }
}

function* covering({ kind, value }: Value, lengths: PrefixLengths): Generator<Candidate> {
  if (kind === 'domain') for (const parent of parentsOf(value)) yield { kind, value: parent, covers: 'parent' };
  else if (kind === 'ipv4' || kind === 'ipv6') {
    const bytes = new Uint8Array(16);
    if (readIp(value, bytes)) yield* prefixesOf(bytes, 128, kind === 'ipv4', lengths);
  } else if (kind === 'prefix') {
    const prefix = parsePrefix(value);
    if (prefix) yield* prefixesOf(prefix.network, prefix.bits, !value.includes(':'), lengths);
  } else if (kind === 'email') {
    const bare = withoutTag(value);
    if (bare !== null) yield { kind, value: bare, covers: 'parent' };
    yield* hosted({ kind: 'domain', value: value.slice(value.lastIndexOf('@') + 1) }, lengths);
  } else if (kind === 'url') {
    const url = urlParts(value);
    if (!url) return;
    for (const covers of coveringUrls(url)) if (covers !== value) yield { kind, value: covers, covers: 'path' };
    yield* hosted(url.host, lengths);
  }
}

function* hosted(host: Value, lengths: PrefixLengths): Generator<Candidate> {
  yield { ...host, covers: 'parent' };
  yield* covering(host, lengths);
}

/** The value itself first, then what covers it, nearest first; each once. */
export function candidatesOf(value: Value, lengths: PrefixLengths = allLengths): Candidate[] {
  return [{ kind: value.kind, value: value.value, covers: 'exact' }, ...covering(value, lengths)];
}

/** The same with keys; another key function asks a blind list. */
export function probesOf(value: Value, lengths: PrefixLengths = allLengths, key: typeof keyOf = keyOf): Probe[] {
  return candidatesOf(value, lengths).map((c) => ({ ...c, key: key(c.kind, c.value) }));
}
