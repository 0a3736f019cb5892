/**
 * Which network and which country an address lies in: sorted ranges in typed arrays with a first-level index, for IPv4
 * and IPv6. Ranges are given from the published lists once and kept as one compact block of bytes, which loads in
 * milliseconds. An override wins over the lists, the longest prefix first.
 */
import { isV4, parsePrefix, v4At, type Prefix } from './ip.ts';

/** Ranges of one family of addresses: `words` 32-bit words an address, ends included, value 0 unknown. */
export interface RangeTable {
  readonly words: 1 | 4;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly value: Uint32Array;
}

export class RangeBuilder {
  private readonly words: 1 | 4;
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly value: number[] = [];
  constructor(words: 1 | 4) {
    this.words = words;
  }
  /** Adds a range; ranges come in order and do not overlap, as in the published lists. */
  add(from: readonly number[], to: readonly number[], value: number): void {
    this.from.push(...from);
    this.to.push(...to);
    this.value.push(value);
  }
  build(): RangeTable {
    const { words } = this;
    return {
      words, from: Uint32Array.from(this.from), to: Uint32Array.from(this.to), value: Uint32Array.from(this.value),
    };
  }
}

/** A lookup over a table. Answers the value, or 0 where no range holds the address. */
export class RangeLookup {
  private readonly table: RangeTable;
  /** First range whose start's top 16 bits are at least the index. */
  private readonly index: Uint32Array;
  constructor(table: RangeTable) {
    this.table = table;
    this.index = new Uint32Array(65_538);
    const { from, words } = table;
    const count = from.length / words;
    let at = 0;
    for (let top = 0; top <= 65_536; top++) {
      while (at < count && (from[at * words] as number) >>> 16 < top) at += 1;
      this.index[top] = at;
    }
    this.index[65_537] = count;
  }

  v4(address: number): number {
    const { from, to, value } = this.table;
    const top = address >>> 16;
    let low = this.index[top] as number;
    let high = this.index[top + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((from[middle] as number) <= address) low = middle + 1;
      else high = middle;
    }
    const found = low - 1;
    return found >= 0 && (to[found] as number) >= address ? (value[found] as number) : 0;
  }

  v6(a: number, b: number, c: number, d: number): number {
    const { from, to, value } = this.table;
    const top = a >>> 16;
    let low = this.index[top] as number;
    let high = this.index[top + 1] as number;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(from, middle, a, b, c, d) <= 0) low = middle + 1;
      else high = middle;
    }
    const found = low - 1;
    return found >= 0 && compare(to, found, a, b, c, d) >= 0 ? (value[found] as number) : 0;
  }
}

/** Sign of (stored - given). */
function compare(list: Uint32Array, at: number, a: number, b: number, c: number, d: number): number {
  const i = at * 4;
  return (list[i] as number) - a || (list[i + 1] as number) - b || (list[i + 2] as number) - c ||
    (list[i + 3] as number) - d;
}

export interface Override {
  readonly prefix: string;
  readonly area?: string | undefined;
  readonly asn?: number | undefined;
}

export interface NetworkTables {
  readonly asn4: RangeTable;
  readonly asn6: RangeTable;
  /** Values are two letters, see `areaCode`. */
  readonly area4: RangeTable;
  readonly area6: RangeTable;
}

export interface Located {
  /** 0 unknown. */
  asn: number;
  /** `ZZ` unknown. */
  area: string;
}

/** Two capital letters as a number, and back. */
export const areaCode = (area: string): number => (area.charCodeAt(0) << 8) | area.charCodeAt(1);
const areaName = (code: number): string =>
  code === 0 ? 'ZZ' : String.fromCharCode(code >>> 8, code & 255);

interface Lookups {
  readonly asn4: RangeLookup;
  readonly asn6: RangeLookup;
  readonly area4: RangeLookup;
  readonly area6: RangeLookup;
}

export class Networks {
  private readonly lookups: Lookups;
  private readonly overrides: { prefix: Prefix; override: Override }[];
  private readonly names = new Map<number, string>();

  /** From tables, or sharing what another has built. */
  constructor(from: NetworkTables | Networks, overrides: readonly Override[] = []) {
    this.lookups = from instanceof Networks ? from.lookups : {
      asn4: new RangeLookup(from.asn4), asn6: new RangeLookup(from.asn6),
      area4: new RangeLookup(from.area4), area6: new RangeLookup(from.area6),
    };
    this.overrides = overrides
      .map((override) => {
        const prefix = parsePrefix(override.prefix);
        if (prefix === null) throw new Error(`override of a prefix that is none: ${override.prefix}`);
        return { prefix, override };
      })
      .sort((x, y) => y.prefix.bits - x.prefix.bits);
  }

  /** Looks 16 bytes up. The answer is written into `out`, so that a row costs no object. */
  locate(ip: Uint8Array, out: Located): void {
    let asn: number;
    let area: number;
    if (isV4(ip)) {
      const v4 = v4At(ip);
      asn = this.lookups.asn4.v4(v4);
      area = this.lookups.area4.v4(v4);
    } else {
      const word = (at: number): number => (((ip[at] as number) << 24) | ((ip[at + 1] as number) << 16) |
        ((ip[at + 2] as number) << 8) | (ip[at + 3] as number)) >>> 0;
      const [a, b, c, d] = [word(0), word(4), word(8), word(12)];
      asn = this.lookups.asn6.v6(a, b, c, d);
      area = this.lookups.area6.v6(a, b, c, d);
    }
    out.asn = asn;
    out.area = this.nameOf(area);
    for (const { prefix, override } of this.overrides) {
      if (!inside(ip, prefix)) continue;
      if (override.asn !== undefined) out.asn = override.asn;
      if (override.area !== undefined) out.area = override.area;
      return;
    }
  }

  private nameOf(code: number): string {
    const known = this.names.get(code);
    if (known !== undefined) return known;
    const name = areaName(code);
    this.names.set(code, name);
    return name;
  }
}

export function inside(ip: Uint8Array, prefix: Prefix): boolean {
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (ip[i] !== prefix.network[i]) return false;
  const rest = prefix.bits & 7;
  return rest === 0 || ((ip[whole] as number) & (0xff00 >> rest) & 255) === (prefix.network[whole] as number);
}

/** All tables as one block of bytes: a word of format, then each table's length and arrays. */
export function packTables(tables: NetworkTables): Uint8Array {
  const list = [tables.asn4, tables.asn6, tables.area4, tables.area6];
  const words = list.reduce((sum, t) => sum + 2 + t.from.length + t.to.length + t.value.length, 1);
  const out = new Uint32Array(words);
  out[0] = packFormat;
  let at = 1;
  for (const t of list) {
    out[at++] = t.words;
    out[at++] = t.value.length;
    for (const part of [t.from, t.to, t.value]) {
      out.set(part, at);
      at += part.length;
    }
  }
  return new Uint8Array(out.buffer);
}

const packFormat = 0x656e7431;

/** The tables again, or null where the bytes are not what `packTables` wrote. */
export function unpackTables(bytes: Uint8Array): NetworkTables | null {
  if (bytes.byteLength % 4 !== 0) return null;
  const words = new Uint32Array(bytes.slice().buffer);
  if (words[0] !== packFormat) return null;
  let at = 1;
  const tables: RangeTable[] = [];
  for (let i = 0; i < 4; i++) {
    const width = words[at++];
    const count = words[at++];
    if ((width !== 1 && width !== 4) || count === undefined) return null;
    const next = (size: number): Uint32Array => words.slice(at, (at += size));
    tables.push({ words: width, from: next(count * width), to: next(count * width), value: next(count) });
  }
  const [asn4, asn6, area4, area6] = tables;
  return asn4 && asn6 && area4 && area6 && at === words.length ? { asn4, asn6, area4, area6 } : null;
}
