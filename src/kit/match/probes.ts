/**
 * What has to be asked for to find everything that covers a value: a domain is covered by its parents, an address by prefixes, a URL by
 * folders above it and by its host, a mail address by its domain. Each is an exact key, so that one `= any(keys)` finds all.
 */
import { formatPrefix, maskTo, parsePrefix, readIp } from '#kit/ip/ip';
import { keyOf } from './key.ts';
import { coveringUrls, urlParts } from './url.ts';
import { withoutTag, type Value, type ValueKind } from './value.ts';

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

type Take = (kind: ValueKind, value: string, covers: Covers) => void;

function prefixesOf(bytes: Uint8Array, below: number, v4: boolean, lengths: PrefixLengths, take: Take): void {
  const inUse = [...new Set(v4 ? lengths.v4 : lengths.v6)].sort((a, b) => b - a);
  for (const length of inUse) {
    const bits = v4 ? length + 96 : length;
    if (length >= 0 && bits < below) take('prefix', formatPrefix({ network: maskTo(bytes, bits), bits }), 'prefix');
  }
}

function covering(kind: ValueKind, value: string, lengths: PrefixLengths, take: Take): void {
  if (kind === 'domain') for (const parent of parentsOf(value)) take(kind, parent, 'parent');
  else if (kind === 'ipv4' || kind === 'ipv6') {
    const bytes = new Uint8Array(16);
    if (readIp(value, bytes)) prefixesOf(bytes, 128, kind === 'ipv4', lengths, take);
  } else if (kind === 'prefix') {
    const prefix = parsePrefix(value);
    if (prefix) prefixesOf(prefix.network, prefix.bits, !value.includes(':'), lengths, take);
  } else if (kind === 'email') {
    const bare = withoutTag(value);
    if (bare !== null) take(kind, bare, 'parent');
    hosted('domain', value.slice(value.lastIndexOf('@') + 1), lengths, take);
  } else if (kind === 'url') {
    const url = urlParts(value);
    if (!url) return;
    for (const covers of coveringUrls(url)) if (covers !== value) take(kind, covers, 'path');
    hosted(url.host.kind, url.host.value, lengths, take);
  }
}

function hosted(kind: ValueKind, value: string, lengths: PrefixLengths, take: Take): void {
  take(kind, value, 'parent');
  covering(kind, value, lengths, take);
}

/** The value itself first, then what covers it, nearest first; each once. */
export function candidatesOf(value: Value, lengths: PrefixLengths = allLengths): Candidate[] {
  const found: Candidate[] = [{ kind: value.kind, value: value.value, covers: 'exact' }];
  covering(value.kind, value.value, lengths, (kind, text, covers) => found.push({ kind, value: text, covers }));
  return found;
}

/** Their keys, in the same order: what a look-up of many asks about all, before it makes anything of the few that are known. */
export function keysOf(value: Value, lengths: PrefixLengths = allLengths, key = keyOf, shared = key): string[] {
  const found = [key(value.kind, value.value)];
  covering(value.kind, value.value, lengths, (kind, text) => found.push(shared(kind, text)));
  return found;
}

/** The keys of many values: what several have in common, as a parent or a folder, is hashed once. */
export function rememberingKeys(): typeof keyOf {
  const known = new Map<string, string>();
  return (kind, value) => {
    const name = `${kind}\0${value}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const key = keyOf(kind, value);
    known.set(name, key);
    return key;
  };
}
