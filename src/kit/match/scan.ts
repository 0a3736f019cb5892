/**
 * One pass over bytes that finds the values of an index, by the grammar of docs/specs/match.md. Words are cut out by a table of classes; only
 * those with a dot, of a hash's length, or before a scheme or a mark are looked at, hashed from their end, and asked of the filter.
 */
import { beginsMark, afterEscape, endsMark, ipv6Within, isMarkedScheme, isWord, latin1, piecesOf, quadAt } from './places.ts';
import {
  beyondHex, classes, colon, colonByte, dash, dot, hardBorder, hexOf, letter, lineEnd, lower, mailName, schemeByte, softBorder, spanByte, wide, word,
} from './bytes.ts';
import { readDomain } from './host.ts';
import { refangedOf } from './refang.ts';
import { filterBits, finish, hashOf, kindCode, step, urlHost, type MatchIndex } from './table.ts';
import { isV4, maskTo, v4At } from '#kit/ip/ip';
import { longestValue, urlParts, urlText } from './url.ts';

/** Told of an entry and of the bytes of the window that are its occurrence. */
export type Told = (entry: number, from: number, to: number) => void;

const hashCodes = new Uint8Array(129);
hashCodes[32] = kindCode.md5;
hashCodes[40] = kindCode.sha1;
hashCodes[64] = kindCode.sha256;
hashCodes[128] = kindCode.sha512;
/** What follows a word that may begin a mark. */
const opens = Uint8Array.from({ length: 256 }, (_, code) => ('[({\\'.includes(String.fromCharCode(code)) ? 1 : 0));
/** What may end one before a word. */
const closes = Uint8Array.from({ length: 256 }, (_, code) => ('])}'.includes(String.fromCharCode(code)) ? 1 : 0));
const longestDomain = 253;
const longestColons = 128;
const softEnds = 16;

export class Scan {
  readonly bytes: Uint8Array;
  private readonly index: MatchIndex;
  private readonly told: Told;
  /** Whether this is text whose marks are already undone. */
  private readonly refanged: boolean;
  line = 1;
  /** Where in the window something was seen, or was dealt with. */
  private urlAt = -1;
  private schemeAt = -1;
  private wordTo = 0;
  private colonsTo = 0;
  private spanTo = 0;
  private v6From = 0;
  private v6To = 0;
  private readonly address = new Uint8Array(16);
  private readonly quad = new Uint8Array(4);
  private readonly seeksV6: boolean;

  constructor(index: MatchIndex, bytes: Uint8Array, told: Told, refanged = false) {
    this.index = index;
    this.bytes = bytes;
    this.told = told;
    this.refanged = refanged;
    const { has } = index;
    this.seeksV6 = Boolean(has.ipv4 ?? has.ipv6 ?? has.prefix);
  }

  /** The window's bytes have been moved towards its beginning. */
  moved(by: number): void {
    this.urlAt -= by;
    this.schemeAt -= by;
    this.wordTo -= by;
    this.colonsTo -= by;
    this.spanTo -= by;
    this.v6From -= by;
    this.v6To -= by;
  }

  /**
   * Reads what begins at `from` or later and before `limit`; gives back where the next run begins. A byte that is of no word stands behind
   * the window's end.
   */
  run(from: number, limit: number): number {
    const { bytes } = this;
    let line = this.line;
    let i = from;
    while (i < limit) {
      let seen = classes[bytes[i] as number] as number;
      if (seen < word) {
        if (seen === lineEnd) line++;
        else if (seen === colon && this.seeksV6) {
          this.line = line;
          this.colons(i);
        }
        i++;
        continue;
      }
      const start = i;
      let next: number;
      do {
        next = classes[bytes[++i] as number] as number;
        seen |= next;
      } while (next >= word);
      if ((seen & dot) !== 0 || i - start > 31 || next === colon || opens[bytes[i] as number] === 1 || closes[bytes[start - 1] as number] === 1) {
        this.line = line;
        this.word(start, i, seen);
      }
    }
    this.line = line;
    return i;
  }

  /** Reads what stands around a place that the kernel named: a colon before it, and the words that end before, hold or begin at it. */
  at(place: number, line: number): void {
    const { bytes } = this;
    this.line = line;
    if (bytes[place - 1] === 0x3a && this.seeksV6) this.colons(place - 1);
    for (const i of [place - 2, place - 1, place]) if ((classes[bytes[i] as number] as number) >= word) this.wordAround(i);
  }

  private wordAround(i: number): void {
    const { bytes } = this;
    if (i < this.wordTo) return;
    let start = i;
    while ((classes[bytes[start - 1] as number] as number) >= word) start--;
    let end = i;
    let seen = 0;
    while ((classes[bytes[end] as number] as number) >= word) end++;
    this.wordTo = end;
    for (let k = start; k < end; k++) seen |= classes[bytes[k] as number] as number;
    if (bytes[start - 1] === 0x2f && bytes[start - 2] === 0x2f && bytes[start - 3] === 0x3a) this.scheme(start - 3);
    this.word(start, end, seen);
  }

  private word(start: number, end: number, seen: number): void {
    const { bytes } = this;
    const next = bytes[end] as number;
    const beyond = bytes[end + 1] as number;
    if (end - start > longestValue) return;
    if (!this.refanged && closes[bytes[start - 1] as number] === 1 && endsMark(bytes, start)) this.span(start, end);
    const marked = opens[next] === 1 && !this.refanged && beginsMark(bytes, end);
    if (marked) this.span(start, end);
    if ((seen & dot) !== 0 || end - start > 31) {
      if ((seen & wide) !== 0) this.pieces(start, end);
      else if (!marked) this.read(start, end, seen);
    }
    if (next !== 0x3a || (beyond !== 0x2f && beyond !== 0x5c)) return;
    if (!this.refanged && isMarkedScheme(bytes, end)) this.span(start, end);
    else if (beyond === 0x2f && bytes[end + 2] === 0x2f) this.scheme(end);
  }

  /** A word of ASCII alone. */
  private read(start: number, end: number, seen: number): void {
    const { bytes } = this;
    if (!this.refanged && endsMark(bytes, start)) {
      this.span(start, end);
      return;
    }
    if (end - start > 31) this.hashes(start, end);
    if ((seen & dot) === 0) return;
    let to = end;
    while (to > start && bytes[to - 1] === 0x2e) to--;
    let from = start;
    while (from < to && bytes[from] === 0x2e) from++;
    if ((seen & (letter | dash)) === 0) this.quadOf(from, to, start);
    else this.domain(from, to, start, end);
  }

  private pieces(start: number, end: number): void {
    const { bytes } = this;
    for (const { from, to, text } of piecesOf(bytes, start, end)) {
      if (!this.refanged && opens[bytes[to] as number] === 1 && beginsMark(bytes, to)) continue;
      if (text === null) {
        let seen = 0;
        for (let i = from; i < to; i++) seen |= classes[bytes[i] as number] as number;
        this.read(from, to, seen);
      } else if (text.includes('.')) this.foreign(text, from, to);
    }
  }

  /** A name in letters beyond ASCII. */
  private foreign(text: string, from: number, to: number): void {
    if (!this.refanged && endsMark(this.bytes, from)) {
      this.span(from, to);
      return;
    }
    const bare = text.replace(/^\.+|\.+$/g, '');
    const name = readDomain(bare);
    if (name === null) return;
    const start = from + text.length - text.replace(/^\.+/, '').length;
    const end = to - (text.length - text.replace(/\.+$/, '').length);
    const name8 = new TextEncoder().encode(`.${name}`);
    if (!this.isMailName(to)) for (let i = 0; i < name8.length; i++) if (name8[i] === 0x2e) this.ask(kindCode.domain, name8, i + 1, name8.length, start, end);
    if (start === from && this.bytes[from - 1] === 0x40) this.mail(from, end, name8.subarray(1));
  }

  private ask(code: number, bytes: Uint8Array, from: number, to: number, start: number, end: number): void {
    const hash = finish(this.hashLower(bytes, from, to), code);
    const entry = this.index.find(hash, code, bytes, from, to);
    if (entry >= 0) this.told(entry, start, end);
  }

  private hashLower(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.index.seed;
    for (let i = to - 1; i >= from; i--) hash = step(hash, lower[bytes[i] as number] as number);
    return hash;
  }

  /** Whether an at sign and a word follow: then it is the name of a mail address. */
  private isMailName(end: number): boolean {
    return this.bytes[end] === 0x40 && (classes[this.bytes[end + 1] as number] as number) >= word;
  }

  /** Asks for a name and each of its parents, from the right. `start` is where the word begins, dots included. */
  private domain(from: number, to: number, start: number, end: number): void {
    const { bytes, index } = this;
    const { filter, shift } = index;
    const least = Math.max(from, to - longestDomain);
    let hash = index.seed;
    let dots = 0;
    const silent = this.isMailName(end);
    for (let i = to - 1; i >= least; i--) {
      const byte = lower[bytes[i] as number] as number;
      hash = step(hash, byte);
      if (byte === 0x2e) {
        dots++;
        continue;
      }
      if (dots === 0 || silent || (i > from && bytes[i - 1] !== 0x2e)) continue;
      const mixed = finish(hash, kindCode.domain);
      const bits = filterBits(mixed);
      if (((filter[mixed >>> shift] as number) & bits) !== bits) continue;
      const entry = index.find(mixed, kindCode.domain, bytes, i, to);
      if (entry >= 0) this.told(entry, from, to);
    }
    const before = bytes[start - 1] as number;
    if (before === 0x25 || before === 0x5c) this.escaped(from, to, start, silent);
    if (dots === 0 || least > from) return;
    if (start === this.urlAt && index.may(finish(hash, urlHost))) this.url(start);
    if (before === 0x40 && from === start && index.has.email === true) this.mail(start, to, null, hash);
  }

  /** The same word without an escape before it. */
  private escaped(from: number, to: number, start: number, silent: boolean): void {
    const { bytes } = this;
    const after = afterEscape(bytes, start);
    if (after < from || after >= to) return;
    let inside = after;
    while (inside < to && bytes[inside] === 0x2e) inside++;
    const quad = quadAt(bytes, inside, to);
    if (quad >= 0) this.addressOf(quad, inside, to);
    // Behind a dot it has been asked for already.
    else if (!silent && bytes[inside - 1] !== 0x2e && bytes.subarray(inside, to).includes(0x2e)) this.ask(kindCode.domain, bytes, inside, to, inside, to);
  }

  /** Digits and dots alone. */
  private quadOf(from: number, to: number, start: number): void {
    if (start >= this.v6From && to <= this.v6To) return;
    const quad = quadAt(this.bytes, from, to);
    if (quad >= 0) this.addressOf(quad, from, to);
    const before = this.bytes[start - 1];
    if (before === 0x25 || before === 0x5c) this.escaped(from, to, start, true);
  }

  private addressOf(quad: number, from: number, to: number): void {
    const { index } = this;
    this.askQuad(quad, kindCode.ipv4, from, to);
    if (index.v4Covers[quad >>> 16] !== 1) return;
    for (const length of index.v4Lengths) {
      this.askQuad(length === 0 ? 0 : (quad & (-1 << (32 - length))) >>> 0, kindCode.prefix + length, from, to);
    }
  }

  private askQuad(quad: number, code: number, from: number, to: number): void {
    const { index } = this;
    let hash = step(index.seed, quad & 255);
    hash = step(step(step(hash, (quad >>> 8) & 255), (quad >>> 16) & 255), quad >>> 24);
    hash = finish(hash, code);
    if (!index.may(hash)) return;
    this.quad[0] = quad >>> 24;
    this.quad[1] = quad >>> 16;
    this.quad[2] = quad >>> 8;
    this.quad[3] = quad;
    const entry = index.find(hash, code, this.quad, 0, 4);
    if (entry >= 0) this.told(entry, from, to);
  }

  private colons(i: number): void {
    if (i < this.colonsTo) return;
    const { bytes } = this;
    let near = i + 1;
    while (near < i + 6 && (hexOf[bytes[near] as number] as number) >= 0) near++;
    if (bytes[near] !== 0x3a) return;
    let from = i;
    while (i - from <= longestColons && colonByte[bytes[from - 1] as number] === 1) from--;
    let to = i;
    while (to - i <= longestColons && colonByte[bytes[to] as number] === 1) to++;
    this.colonsTo = to;
    if (to - from > longestColons) return;
    let count = 0;
    let gap = false;
    for (let k = from; k < to; k++) {
      if (bytes[k] !== 0x3a) continue;
      count++;
      gap ||= bytes[k + 1] === 0x3a;
    }
    if (!gap && count < 6) return;
    const after = afterEscape(bytes, from);
    const found = ipv6Within(bytes, from, to, this.address) ?? (after >= 0 ? ipv6Within(bytes, after, to, this.address) : null);
    if (!found) return;
    this.v6From = found.from;
    this.v6To = found.to;
    this.longAddress(found.from, found.to);
  }

  private longAddress(from: number, to: number): void {
    const { index, address } = this;
    if (isV4(address)) {
      this.addressOf(v4At(address), from, to);
      return;
    }
    for (const length of [128, ...index.v6Lengths]) {
      const code = length === 128 ? kindCode.ipv6 : kindCode.prefix + length;
      const masked = maskTo(address, length);
      const hash = finish(hashOf(index.seed, masked), code);
      const entry = index.may(hash) ? index.find(hash, code, masked, 0, 16) : -1;
      if (entry >= 0) this.told(entry, from, to);
    }
  }

  private hashes(start: number, end: number): void {
    const { bytes } = this;
    let from = start;
    for (let i = start; i <= end; i++) {
      if (i < end && ((classes[bytes[i] as number] as number) & (dot | dash)) === 0) continue;
      this.hash(from, i);
      const after = from === start ? afterEscape(bytes, start) : -1;
      if (after >= 0) this.hash(after, i);
      from = i + 1;
    }
  }

  private hash(from: number, to: number): void {
    const code = hashCodes[to - from] ?? 0;
    if (code === 0) return;
    const { bytes, index } = this;
    let hash = index.seed;
    for (let i = to - 1; i >= from; i--) {
      if (((classes[bytes[i] as number] as number) & beyondHex) !== 0) return;
      hash = step(hash, lower[bytes[i] as number] as number);
    }
    hash = finish(hash, code);
    const entry = index.may(hash) ? index.find(hash, code, bytes, from, to) : -1;
    if (entry >= 0) this.told(entry, from, to);
  }

  /** Mail addresses whose domain is these bytes, or `name` where it was written in other letters; `hash` is that of the domain. */
  private mail(at: number, to: number, name: Uint8Array | null, domainHash?: number): void {
    const { bytes, index } = this;
    let hash = step(domainHash ?? hashOf(index.seed, name ?? bytes, name ? 0 : at, name ? name.length : to), 0x40);
    const domainBytes = name ?? bytes.subarray(at, to);
    for (let i = at - 2; i >= at - 65 && mailName[bytes[i] as number] === 1; i--) {
      hash = step(hash, lower[bytes[i] as number] as number);
      if (!this.beginsName(i)) continue;
      if (index.may(finish(hash, kindCode.email))) this.askMail(i, at, to, domainBytes);
      const after = afterEscape(bytes, i);
      if (after > i && after < at - 1) this.askMail(after, at, to, domainBytes);
    }
  }

  /** Whether a name may begin here: behind what is of no word, or behind dots that are. */
  private beginsName(i: number): boolean {
    const { bytes } = this;
    if (bytes[i] === 0x2e) return false;
    let before = i - 1;
    while (bytes[before] === 0x2e) before--;
    const byte = bytes[before] as number;
    return !isWord(byte) && byte !== 0x2b;
  }

  private askMail(from: number, at: number, to: number, domain: Uint8Array): void {
    const whole = new Uint8Array(at - from + domain.length);
    whole.set(this.bytes.subarray(from, at));
    whole.set(domain, at - from);
    this.ask(kindCode.email, whole, 0, whole.length, from, to);
  }

  /** `://` stands at `end`. Hosts that are written as they are compared are asked of the filter later; URLs with others are read. */
  private scheme(end: number): void {
    if (this.index.has.url !== true || this.schemeAt === end) return;
    this.schemeAt = end;
    const { bytes } = this;
    const start = end + 3;
    let to = start;
    let lastDot = start - 1;
    let odd = false;
    for (; to - start <= longestValue; to++) {
      const byte = bytes[to] as number;
      if ((classes[byte] as number) >= word) {
        if (byte >= 128) odd = true;
        if (byte !== 0x2e) continue;
        odd ||= lastDot === to - 1;
        lastDot = to;
      } else if (byte === 0x2f || byte === 0x3f || byte === 0x23 || hardBorder[byte] === 1) break;
      else odd ||= byte === 0x40 || byte === 0x25 || byte === 0x5b;
    }
    if (!odd) {
      let host = start;
      while (isWord(bytes[host] as number)) host++;
      while (host > start && bytes[host - 1] === 0x2e) host--;
      let last = host;
      while (last > start && bytes[last - 1] !== 0x2e) last--;
      const digit = bytes[last] as number;
      if (digit < 48 || digit > 57) this.urlAt = start;
      else odd = quadAt(bytes, start, host) < 0 || this.index.may(finish(hashOf(this.index.seed, bytes, start, host), urlHost));
    }
    if (odd) this.url(start);
  }

  /** Reads the URL whose host begins at `start`, to its end or to a border before it, the longest that is known first. */
  private url(start: number): void {
    const { bytes } = this;
    const ends: number[] = [];
    let open = bytes[start] === 0x5b;
    let host = true;
    let to = start;
    for (; to - start <= longestValue && hardBorder[bytes[to] as number] === 0; to++) {
      const byte = bytes[to] as number;
      if (host && (byte === 0x2f || byte === 0x3f || byte === 0x23)) host = false;
      if (byte === 0x5b && host) open = true;
      if (softBorder[byte] === 0) continue;
      if (byte === 0x5d && host && open) {
        open = false;
        continue;
      }
      host = false;
      if (ends.length < softEnds) ends.push(to);
    }
    // A host that goes on behind a mark is read with the mark undone.
    if (host && !this.refanged && beginsMark(bytes, to)) return;
    if (to - start <= longestValue) ends.push(to);
    for (const end of ends.reverse()) {
      let bare = end;
      while (bare > start && '.!?:'.includes(String.fromCharCode(bytes[bare - 1] as number))) bare--;
      if (this.urlUntil(start, end) || (bare < end && this.urlUntil(start, bare))) return;
    }
  }

  private urlUntil(start: number, end: number): boolean {
    const { bytes, index } = this;
    const raw = latin1(bytes, start, end);
    const path = /[/?#]/.exec(raw)?.index ?? raw.length;
    const authority = new TextDecoder().decode(bytes.subarray(start, start + path));
    const rest = authority + raw.slice(path).replace(/[\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    for (const from of this.schemesAt(start - 3)) {
      const scheme = latin1(bytes, from, start - 3);
      const parts = /^[a-z][a-z0-9+.-]{0,31}$/i.test(scheme) ? urlParts(`${scheme}://${rest}`) : null;
      const entry = parts ? index.entryOf({ kind: 'url', value: urlText(parts) }) : -1;
      if (entry < 0) continue;
      this.told(entry, from, end);
      return true;
    }
    return false;
  }

  /** Where the scheme before `end` may begin. */
  private schemesAt(end: number): number[] {
    const { bytes } = this;
    let from = end;
    while (end - from < 64 && isWord(bytes[from - 1] as number)) from--;
    const found = [from];
    const after = afterEscape(bytes, from);
    if (after >= 0 && after < end) found.push(after);
    if (bytes[from - 1] !== 0x2b) return found;
    while (end - from < 64 && schemeByte[bytes[from - 1] as number] === 1) from--;
    return [from, ...found];
  }

  /** Undoes the marks of what stands around them and reads that; only what holds a mark is told. */
  private span(start: number, end: number): void {
    const { bytes } = this;
    if (end <= this.spanTo) return;
    let from = start;
    while (start - from <= longestValue && spanByte[bytes[from - 1] as number] === 1) from--;
    let to = end;
    while (to - end <= longestValue && spanByte[bytes[to] as number] === 1) to++;
    this.spanTo = to;
    const plain = to - from > longestValue ? null : refangedOf(latin1(bytes, from, to));
    if (!plain) return;
    // Nothing stands before and behind.
    const window = new Uint8Array(plain.text.length + 2 * longestColons);
    for (let i = 0; i < plain.text.length; i++) window[longestColons + i] = plain.text.charCodeAt(i);
    const inside = new Scan(this.index, window, (entry, innerFrom, innerTo) => {
      const [a, b] = [innerFrom - longestColons, innerTo - longestColons];
      for (let i = a; i < b; i++) {
        if ((plain.from[i + 1] as number) - (plain.from[i] as number) === 1) continue;
        this.told(entry, from + (plain.from[a] as number), from + (plain.from[b] as number));
        return;
      }
    }, true);
    inside.run(longestColons, longestColons + plain.text.length);
  }
}
