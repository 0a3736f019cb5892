/**
 * Cuts a stream of JSON into its objects without reading them: it knows strings and brackets, and where the list `objects` of a bundle
 * or envelope begins, whatever stands before it. Holds the object it is in, and nothing else. `bundle.ts` looks into the pieces.
 */

export interface Place {
  /** Bytes from the beginning of the stream. */
  readonly offset: number;
  /** From 1; columns are bytes. */
  readonly line: number;
  readonly column: number;
}
export type CutProblem = 'empty' | 'bom' | 'utf-16' | 'syntax' | 'truncated' | 'too-large' | 'too-deep';
export type Cut =
  /** A member of the list, or an object of its own; `smells` where an escape could be half a surrogate pair. */
  | { readonly kind: 'item'; readonly raw: Uint8Array; readonly place: Place; readonly smells: boolean }
  /** A property beside the list; null where it is larger than what is kept. `again`: the list itself, a second time. */
  | { readonly kind: 'field'; readonly key: string; readonly raw: Uint8Array | null; readonly place: Place; readonly again: boolean }
  | { readonly kind: 'problem'; readonly code: CutProblem; readonly text: string; readonly place: Place; readonly item: boolean; readonly fatal: boolean };

/**
 * key, colon, member, behind: within the outermost object. item, next: within the list. lines: between objects that stand one after
 * another; skip: in a line of them that is given up. closed: behind the end. dead: nobody can tell where anything is.
 */
type State = 'start' | 'mark' | 'key' | 'colon' | 'member' | 'behind' | 'item' | 'next' | 'lines' | 'skip' | 'closed' | 'dead';
type Purpose = 'key' | 'field' | 'item';

export const largestField = 4096;
/** Properties beside the list that are remembered while it is not known yet whether there will be a list. */
const mostFields = 100;
const [quote, backslash, openObject, closeObject, openList, closeList, comma, colon, newline] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 10];

/** Bytes of one value as they come in; gives up what is larger than it may be. */
class Held {
  private pieces: Uint8Array[] = [];
  private size = 0;
  private readonly most: number;
  constructor(most: number) {
    this.most = most;
  }
  add(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.size > this.most) this.pieces = [];
    else if (bytes.length) this.pieces.push(Uint8Array.from(bytes));
  }
  get tooLarge(): boolean {
    return this.size > this.most;
  }
  /** A copy of its own, so that a small object does not keep a large chunk alive. */
  take(): Uint8Array {
    const [only] = this.pieces;
    return only && this.pieces.length === 1 ? only : Uint8Array.from(Buffer.concat(this.pieces));
  }
}

/** The value that is being cut. */
interface Value {
  readonly purpose: Purpose;
  readonly held: Held;
  readonly place: Place;
  from: number;
  depth: number;
  quoted: boolean;
  escaped: boolean;
  smells: boolean;
  deep: boolean;
}

/** The outermost object, while it may still turn out to be one by itself. */
interface Outer {
  readonly held: Held;
  readonly place: Place;
  from: number;
  type: string | null;
  smells: boolean;
  deep: boolean;
  readonly fields: Extract<Cut, { kind: 'field' }>[];
}

export class Cutter {
  form: 'bundle' | 'list' | 'lines' | 'none' = 'none';
  private readonly most: number;
  private readonly depth: number;
  /** What the open brackets of a value are, down to the depth that is allowed. */
  private readonly brackets: Uint8Array;
  private state: State = 'start';
  private cuts: Cut[] = [];
  private base = 0;
  private line = 1;
  private lineStart = 0;
  private marks = 0;
  private value: Value | null = null;
  private outer: Outer | null = null;
  private key = '';
  /** Where the key stood that is being read. */
  private keyPlace: Place = { offset: 0, line: 1, column: 1 };
  private lists = 0;
  /** Whether a comma came last, so that something has to follow. */
  private owed = false;

  /** No object is a bundle: each is one by itself, whatever it calls its parts. For documents of other formats. */
  private readonly lone: boolean;

  constructor(most: number, depth: number, lone = false) {
    this.most = most;
    this.depth = depth;
    this.lone = lone;
    this.brackets = new Uint8Array(depth + 2);
  }

  push(chunk: Uint8Array): readonly Cut[] {
    this.cuts = [];
    let at = 0;
    while (at < chunk.length && this.state !== 'dead') at = this.value ? this.within(this.value, chunk, at) : this.between(chunk, at);
    if (this.value) {
      this.value.held.add(chunk.subarray(this.value.from));
      this.value.from = 0;
    }
    if (this.outer) {
      this.outer.held.add(chunk.subarray(this.outer.from));
      this.outer.from = 0;
    }
    this.base += chunk.length;
    return this.cuts;
  }

  end(): readonly Cut[] {
    this.cuts = [];
    if (this.state === 'start') this.tell('empty', 'there is nothing', 0, false, true);
    else if (this.value || !['lines', 'skip', 'closed', 'dead'].includes(this.state)) {
      const from = this.value?.purpose === 'item' ? this.value.place : this.outer?.place;
      const item = this.value?.purpose === 'item' || (this.outer?.type ?? 'bundle') !== 'bundle';
      this.tell('truncated', from ? `the end is missing of what began at byte ${from.offset}` : 'the end is missing', 0, item, true);
    }
    return this.cuts;
  }

  private placeOf(at: number): Place {
    const offset = this.base + at;
    return { offset, line: this.line, column: offset - this.lineStart + 1 };
  }
  private tell(code: CutProblem, text: string, at: number, item: boolean, fatal: boolean): void {
    this.cuts.push({ kind: 'problem', code, text, place: this.placeOf(at), item, fatal });
    if (fatal) [this.state, this.value, this.outer] = ['dead', null, null];
  }
  private lost(at: number, wanted: string, item = false): number {
    this.tell('syntax', wanted, at, item, true);
    return at + 1;
  }
  private newLine(at: number): void {
    this.line++;
    this.lineStart = this.base + at + 1;
  }

  /** One byte that is in no value; answers where to go on. */
  private between(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? 0;
    if (byte === newline) {
      this.newLine(at);
      if (this.state === 'skip') this.state = 'lines';
      return at + 1;
    }
    if (byte === 32 || byte === 13 || byte === 9 || this.state === 'skip') return at + 1;
    if (byte === 0 && this.base + at < 2) {
      this.tell('utf-16', 'this is UTF-16 or UTF-32; JSON is exchanged in UTF-8', at, false, true);
      return at + 1;
    }
    switch (this.state) {
      case 'start': case 'mark': return this.start(byte, at);
      case 'lines': return this.lineBegins(byte, at);
      case 'item': case 'next': return this.inList(byte, at);
      case 'closed':
        this.tell('syntax', 'something follows the end', at, false, true);
        return at + 1;
      default: return this.inOuter(byte, chunk, at);
    }
  }

  private start(byte: number, at: number): number {
    if (this.state === 'mark' || (byte === 0xef && this.base + at === 0)) {
      if (byte !== [0xef, 0xbb, 0xbf][this.marks]) return this.lost(at, 'this is no JSON');
      this.marks++;
      this.state = this.marks === 3 ? 'start' : 'mark';
      if (this.marks === 3) {
        this.cuts.push({ kind: 'problem', code: 'bom', text: 'a byte order mark stands before the JSON', place: { offset: 0, line: 1, column: 1 },
          item: false, fatal: false });
      }
      return at + 1;
    }
    if ((byte === 0xfe || byte === 0xff) && this.base + at === 0) {
      this.tell('utf-16', 'this is UTF-16 or UTF-32; JSON is exchanged in UTF-8', at, false, true);
      return at + 1;
    }
    if (byte === openList) [this.form, this.state] = ['list', 'item'];
    else if (byte === openObject && this.lone) {
      [this.form, this.state] = ['lines', 'lines'];
      return at;
    }
    else if (byte === openObject) {
      this.outer = { held: new Held(this.most), place: this.placeOf(at), from: at, type: null, smells: false, deep: false, fields: [] };
      this.state = 'key';
    } else return this.lost(at, 'a bundle, an envelope, a list or an object is wanted here');
    return at + 1;
  }

  private lineBegins(byte: number, at: number): number {
    // Record separators of RFC 7464.
    if (byte === 0x1e) return at + 1;
    if (byte === openObject) return this.begin('item', at);
    this.tell('syntax', 'an object is wanted here', at, true, false);
    this.state = 'skip';
    return at + 1;
  }

  private inList(byte: number, at: number): number {
    if (byte === closeList) {
      if (this.owed) this.tell('syntax', 'a comma stands before the end of the list', at, false, false);
      this.owed = false;
      this.state = this.form === 'list' ? 'closed' : 'behind';
      return at + 1;
    }
    if (byte === comma) {
      if (this.state === 'item') this.tell('syntax', 'a comma stands where an object is wanted', at, false, false);
      [this.state, this.owed] = ['item', true];
      return at + 1;
    }
    if (byte === closeObject || byte === colon) return this.lost(at, 'an object or ] is wanted here');
    if (this.state === 'next') this.tell('syntax', 'a comma is missing', at, false, false);
    return this.begin('item', at);
  }

  private inOuter(byte: number, chunk: Uint8Array, at: number): number {
    switch (this.state) {
      case 'key':
        if (byte === quote) return this.begin('key', at);
        if (byte !== closeObject) return this.lost(at, 'a key in quotes is wanted here');
        if (this.owed) this.tell('syntax', 'a comma stands before the end of the object', at, false, false);
        return this.closeOuter(chunk, at);
      case 'colon':
        if (byte !== colon) return this.lost(at, 'a colon is wanted here');
        this.state = 'member';
        return at + 1;
      case 'member':
        if (byte === comma || byte === closeObject || byte === closeList || byte === colon) return this.lost(at, 'a value is wanted here');
        if (byte !== openList || this.key !== 'objects' || (this.outer?.type ?? 'bundle') !== 'bundle') return this.begin('field', at);
        if (++this.lists > 1) this.cuts.push({ kind: 'field', key: this.key, raw: null, place: this.keyPlace, again: true });
        this.isBundle();
        [this.state, this.owed] = ['item', false];
        return at + 1;
      default:
        if (byte === closeObject) return this.closeOuter(chunk, at);
        if (byte !== comma) return this.lost(at, 'a comma or } is wanted here');
        [this.state, this.owed] = ['key', true];
        return at + 1;
    }
  }

  private isBundle(): void {
    this.form = 'bundle';
    this.cuts.push(...this.outer?.fields ?? []);
    this.outer = null;
  }

  /** The outermost object ends: a bundle or envelope, or, where it says that it is of another type, an object by itself. */
  private closeOuter(chunk: Uint8Array, at: number): number {
    const { outer } = this;
    this.owed = false;
    if (outer && (outer.type ?? 'bundle') !== 'bundle') {
      outer.held.add(chunk.subarray(outer.from, at + 1));
      this.outer = null;
      [this.form, this.state] = ['lines', 'lines'];
      this.give(outer);
    } else {
      if (outer) this.isBundle();
      this.state = 'closed';
    }
    return at + 1;
  }

  private begin(purpose: Purpose, at: number): number {
    const most = purpose === 'item' ? this.most : largestField;
    this.value = { purpose, held: new Held(most), place: this.placeOf(at), from: at, depth: 0, quoted: false, escaped: false, smells: false, deep: false };
    if (purpose === 'key') this.keyPlace = this.value.place;
    this.owed = false;
    return at;
  }

  /** Passes the bytes of a value up to its end, or to that of the chunk. */
  private within(value: Value, chunk: Uint8Array, start: number): number {
    let { quoted, escaped, depth } = value;
    // A value of the outermost object is one level within it.
    const limit = this.outer ? this.depth - 1 : this.depth;
    let at = start;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (quoted) {
        if (escaped && byte !== newline) {
          escaped = false;
          if (byte === 0x75) value.smells = true;
        } else if (byte === backslash) escaped = true;
        else if (byte === quote) {
          quoted = false;
          if (depth === 0) return this.finish(value, chunk, at + 1);
        } else if (byte === newline) {
          // No string goes over the end of a line. Where each line is an object, the next one is good again; elsewhere the quote that
          // is still to come ends the string, and `bundle.ts` says where the fault is.
          if (this.form === 'lines') return this.unfit(at, 'a string has no end on its line');
          escaped = false;
          this.newLine(at);
        }
      } else if (byte === quote) {
        if (depth === 0 && this.base + at > value.place.offset) return this.finish(value, chunk, at);
        quoted = true;
      } else if (byte === openObject || byte === openList) {
        if (depth === 0 && this.base + at > value.place.offset) return this.finish(value, chunk, at);
        depth++;
        if (depth > limit) value.deep = true;
        else this.brackets[depth] = byte;
      } else if (byte === closeObject || byte === closeList) {
        if (depth === 0) return this.finish(value, chunk, at);
        // The codes of brackets that fit differ by two.
        if (depth <= limit && this.brackets[depth] !== byte - 2) return this.unfit(at, 'brackets do not fit');
        depth--;
        if (depth === 0) return this.finish(value, chunk, at + 1);
      } else if (depth === 0 && (byte === comma || byte === 32 || byte === 13 || byte === 9 || byte === newline)) {
        return this.finish(value, chunk, at);
      } else if (byte === newline) this.newLine(at);
    }
    Object.assign(value, { quoted, escaped, depth });
    return at;
  }

  private unfit(at: number, text: string): number {
    const item = this.value?.purpose === 'item' || (this.outer?.type ?? 'bundle') !== 'bundle';
    if (this.form !== 'lines') return this.lost(at, `${text}: nobody can tell where the next object begins`, item);
    this.tell('syntax', `${text}; the rest of the line is passed over`, at, true, false);
    [this.state, this.value] = ['skip', null];
    // A line feed is the end of it already.
    return at;
  }

  private finish(value: Value, chunk: Uint8Array, end: number): number {
    value.held.add(chunk.subarray(value.from, end));
    this.value = null;
    if (value.purpose === 'item') {
      this.state = this.form === 'lines' ? 'lines' : 'next';
      this.give(value);
      return end;
    }
    if (this.outer) this.outer.smells ||= value.smells;
    if (value.purpose === 'key') {
      this.key = textOf(value.held) ?? '';
      this.state = 'colon';
      return end;
    }
    const raw = value.held.tooLarge ? null : value.held.take();
    this.state = 'behind';
    const field = { kind: 'field', key: this.key, raw, place: this.keyPlace, again: false } as const;
    if (!this.outer) this.cuts.push(field);
    else {
      this.outer.deep ||= value.deep;
      if (this.outer.fields.length < mostFields) this.outer.fields.push(field);
      if (this.key === 'type') this.outer.type = textOf(value.held);
    }
    return end;
  }

  /** Gives an object out, or says why not. */
  private give({ held, place, smells, deep }: Value | Outer): void {
    if (held.tooLarge) this.cuts.push({ kind: 'problem', code: 'too-large', text: `this object has more than ${this.most} bytes`, place, item: true,
      fatal: false });
    else if (deep) this.cuts.push({ kind: 'problem', code: 'too-deep', text: `this object has more than ${this.depth} levels`, place, item: true,
      fatal: false });
    else this.cuts.push({ kind: 'item', raw: held.take(), place, smells });
  }
}

/** The string that bytes spell, or null where they spell none. */
function textOf(held: Held): string | null {
  try {
    const value: unknown = held.tooLarge ? null : JSON.parse(Buffer.from(held.take()).toString('utf8'));
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
