/**
 * Millions of values in a few typed arrays: an open table of hashes, the values' bytes, and before both a filter of three bits in one word,
 * which is all that most of a log ever touches. A hash is made from the end of a value to its beginning, so that all parents of a domain
 * are asked for on the way. What is found is compared byte by byte; two values with one hash are never taken for each other.
 */
import { formatIp, ipv4Of, readIp, writeV4 } from '#kit/ip/ip';
import { fromUtf8 } from '#kit/encoding';
import { lower } from './bytes.ts';
import type { Value, ValueKind } from './value.ts';

const kindNames = ['domain', 'email', 'url', 'md5', 'sha1', 'sha256', 'sha512', 'ipv4', 'ipv6', 'prefix'] as const;
type FoundKind = (typeof kindNames)[number];
/** Kinds as numbers; a prefix is `prefix` plus its length among 128. */
export const kindCode: Readonly<Record<FoundKind, number>> = {
  domain: 0, email: 1, url: 2, md5: 3, sha1: 4, sha256: 5, sha512: 6, ipv4: 7, ipv6: 8, prefix: 16,
};
/** What only the filter holds: hosts of URLs, so that other URLs need not be read. */
export const urlHost = 9;
/** Likewise domains of mail addresses. */
export const mailHost = 10;
/** And the first sixteen digits of hashes, four at a time. */
export const hashGate = 11;

export const step = (hash: number, byte: number): number => Math.imul(((hash << 5) | (hash >>> 27)) ^ byte, 0x9e3779b1);
/** Tells kinds apart and spreads a hash over all its bits. */
export function finish(hash: number, code: number): number {
  let x = hash ^ Math.imul(code + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

const codeOf = (value: Value): number =>
  kindCode[value.kind as FoundKind] + (value.kind === 'prefix' ? Number(value.value.slice(value.value.indexOf('/') + 1)) : 0);

/**
 * Writes what is stored of a value, and answers where it ends: its text, which is ASCII in its one spelling, or the bytes of its address, four
 * or sixteen.
 */
function store({ kind, value }: Value, into: Uint8Array, at: number): number {
  if (kind !== 'ipv4' && kind !== 'ipv6' && kind !== 'prefix') {
    for (let i = 0; i < value.length; i++) into[at + i] = value.charCodeAt(i);
    return at + value.length;
  }
  const address = kind === 'prefix' ? value.slice(0, value.indexOf('/')) : value;
  const v4 = ipv4Of(address);
  if (v4 < 0) {
    readIp(address, into, at);
    return at + 16;
  }
  for (let i = 0; i < 4; i++) into[at + i] = v4 >>> (24 - 8 * i);
  return at + 4;
}

/** The three bits of a word of the filter that a finished hash sets. */
export const filterBits = (hash: number): number => (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31)) | (1 << (Math.imul(hash, 0x9e3779b1) >>> 27));

export function hashOf(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = seed;
  for (let i = to - 1; i >= from; i--) hash = step(hash, bytes[i] as number);
  return hash;
}

export class MatchIndex {
  readonly seed: number;
  /** How many values it holds. */
  size = 0;
  private bytes = new Uint8Array(1 << 16);
  private used = 0;
  private starts = new Uint32Array(1025);
  private codes = new Uint8Array(1024);
  private hashes = new Uint32Array(1024);
  /** Hash and entry + 1 side by side, so that a look costs one line of memory. */
  private slots = new Uint32Array(2 * 4096);
  private readonly gates: number[] = [];
  /** The filter, and by how much a hash is moved to be a place in it. */
  filter = new Int32Array(1024);
  shift = 22;
  private sealed = -1;
  /** What starts a kernel that was compiled for this index as it is sealed. */
  compiled: (() => object) | null = null;
  /** Lengths of prefixes in use, longest first. */
  readonly v4Lengths: number[] = [];
  readonly v6Lengths: number[] = [];
  readonly has: Partial<Record<ValueKind, boolean>> = {};
  /** For each first half of an IPv4 address, whether a prefix may hold some that begin so. */
  readonly v4Covers = new Uint8Array(65_536);

  /** Another seed puts the values elsewhere, so that nobody can choose values that fall together. */
  constructor(seed = 0x2545f491) {
    this.seed = seed | 0;
  }

  /** Number of the value's entry, the same for the same value; -1 for kinds that are not looked for in logs. Takes what `readValue` gave. */
  add(value: Value): number {
    if (!(value.kind in kindCode)) return -1;
    const code = codeOf(value);
    this.grow(Math.max(16, value.value.length));
    // Where the next one stands: it stays only if it is new.
    const from = this.used;
    const to = store(value, this.bytes, from);
    const hash = finish(hashOf(this.seed, this.bytes, from, to), code);
    const known = this.find(hash, code, this.bytes, from, to);
    if (known >= 0) return known;
    const entry = this.size++;
    this.used = to;
    this.starts[entry + 1] = to;
    this.codes[entry] = code;
    this.hashes[entry] = hash;
    this.place(entry);
    this.note(value, code, from, to);
    return entry;
  }

  private note({ kind, value }: Value, code: number, from: number, to: number): void {
    this.has[kind] = true;
    if (kind === 'prefix') {
      const lengths = to - from === 4 ? this.v4Lengths : this.v6Lengths;
      if (!lengths.includes(code - kindCode.prefix)) lengths.push(code - kindCode.prefix);
      lengths.sort((a, b) => b - a);
      if (to - from === 4) this.cover(value);
    } else if (kind === 'url') {
      // In its one spelling a URL has no credentials, and a path. Hosts in brackets are never asked for.
      const host = value.indexOf('://') + 3;
      const path = value.indexOf('/', host);
      const port = value.indexOf(':', host);
      this.gates.push(finish(hashOf(this.seed, this.bytes, from + host, from + (port >= 0 && port < path ? port : path)), urlHost));
    } else if (code >= kindCode.md5 && code <= kindCode.sha512) {
      let hash = this.seed;
      for (let i = from; i < from + 16; i += 4) {
        const [a = 0, b = 0, c = 0, d = 0] = this.bytes.subarray(i, i + 4);
        hash = step(hash, a | (b << 8) | (c << 16) | (d << 24));
      }
      this.gates.push(finish(hash, hashGate));
    } else if (kind === 'email') this.gates.push(finish(hashOf(this.seed, this.bytes, from + value.lastIndexOf('@') + 1, to), mailHost));
  }

  private cover(prefix: string): void {
    const [a = 0, b = 0, , , length = 0] = prefix.split(/[./]/).map(Number);
    const first = a * 256 + b;
    this.v4Covers.fill(1, first, first + (length < 16 ? 2 ** (16 - length) : 1));
  }

  private grow(bytes: number): void {
    const longer = <T extends Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    if (this.used + bytes > this.bytes.length) this.bytes = longer(this.bytes, new Uint8Array(Math.max(this.bytes.length * 2, this.used + bytes)));
    if (this.size === this.codes.length) {
      this.starts = longer(this.starts, new Uint32Array(this.size * 2 + 1));
      this.codes = longer(this.codes, new Uint8Array(this.size * 2));
      this.hashes = longer(this.hashes, new Uint32Array(this.size * 2));
    }
    if (this.size * 4 < this.slots.length) return;
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let entry = 0; entry < this.size; entry++) this.place(entry);
  }

  private place(entry: number): void {
    const mask = this.slots.length / 2 - 1;
    const hash = this.hashes[entry] as number;
    let slot = hash & mask;
    while (this.slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    this.slots[slot * 2] = hash;
    this.slots[slot * 2 + 1] = entry + 1;
  }

  /** The entry of these bytes, letters in either case, or -1. `hash` is finished. */
  find(hash: number, code: number, bytes: Uint8Array, from: number, to: number): number {
    const mask = this.slots.length / 2 - 1;
    const { slots } = this;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (slots[slot * 2 + 1] as number) - 1;
      if (entry < 0) return -1;
      if (slots[slot * 2] === hash && this.codes[entry] === code && this.same(entry, bytes, from, to)) return entry;
    }
  }

  private same(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.starts[entry] as number;
    if ((this.starts[entry + 1] as number) - start !== to - from) return false;
    // Only letters differ by their case; bytes of an address and of an escape are compared as they are stored.
    const asIs = (this.codes[entry] as number) === kindCode.url || (this.codes[entry] as number) >= kindCode.ipv4;
    for (let i = from; i < to; i++) {
      const byte = bytes[i] as number;
      if (this.bytes[start + i - from] !== (asIs ? byte : lower[byte])) return false;
    }
    return true;
  }

  /** Makes the filter anew if values came since. Sixteen bits a value at least, and three of one word set. */
  seal(): void {
    if (this.sealed === this.size) return;
    this.sealed = this.size;
    this.compiled = null;
    const words = Math.max(1024, 2 ** Math.ceil(Math.log2((this.size + this.gates.length + 1) / 2)));
    this.filter = new Int32Array(words);
    this.shift = 32 - Math.log2(words);
    for (let entry = 0; entry < this.size; entry++) this.mark(this.hashes[entry] as number);
    for (const hash of this.gates) this.mark(hash);
  }

  private mark(hash: number): void {
    const at = hash >>> this.shift;
    this.filter[at] = (this.filter[at] as number) | filterBits(hash);
  }

  /** Whether a finished hash may be one of a value; `seal` comes first. */
  may(hash: number): boolean {
    const bits = filterBits(hash);
    return ((this.filter[hash >>> this.shift] as number) & bits) === bits;
  }

  /** The entry of a value in its one spelling, or -1. */
  entryOf(value: Value): number {
    if (!(value.kind in kindCode)) return -1;
    const bytes = new Uint8Array(Math.max(16, value.value.length));
    const to = store(value, bytes, 0);
    const code = codeOf(value);
    return this.find(finish(hashOf(this.seed, bytes, 0, to), code), code, bytes, 0, to);
  }

  valueOf(entry: number): Value {
    const code = this.codes[entry] as number;
    const bytes = this.bytes.subarray(this.starts[entry] as number, this.starts[entry + 1] as number);
    if (code < kindCode.ipv4) return { kind: kindNames[code] as FoundKind, value: fromUtf8(bytes) ?? '' };
    const address = new Uint8Array(16);
    if (bytes.length === 16) address.set(bytes);
    else writeV4(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), address);
    if (code >= kindCode.prefix) return { kind: 'prefix', value: `${formatIp(address)}/${code - kindCode.prefix}` };
    return { kind: code === kindCode.ipv4 ? 'ipv4' : 'ipv6', value: formatIp(address) };
  }
}
