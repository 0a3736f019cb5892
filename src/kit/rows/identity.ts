/**
 * A row's identity: SHA-256 over feed, report type and every field as sent, of which the first 128 bits are kept. It
 * depends neither on the order of columns or keys, nor on the file, its name, its packing or its neighbours. Format 1:
 * `entente-row-1`, then feed, report type and each field by ascending name (UTF-16 order, as RFC 8785), all of them
 * length-prefixed, so that no two rows can be written alike. Values of JSON that are not strings are marked `j` and
 * written as RFC 8785; strings and CSV fields are marked `s`.
 */
import { createHash, hash } from 'node:crypto';

/** Objects nested deeper than this are no rows of ours. */
export const deepest = 32;

function prefixed(text: string): string {
  return `${text.length}:${text}`;
}

export function identityHead(feed: string, reportType: string): string {
  return `entente-row-1${prefixed(feed)}${prefixed(reportType)}`;
}

/** Identity of rows that share their columns, as those of a CSV file do. Names must differ from each other. */
export class ColumnIdentity {
  private readonly order: Int32Array;
  private readonly names: string[];
  private readonly head: string;
  constructor(head: string, names: readonly string[]) {
    const order = names.map((_, i) => i).sort((x, y) => ((names[x] as string) < (names[y] as string) ? -1 : 1));
    this.order = Int32Array.from(order);
    this.names = order.map((i) => `${prefixed(names[i] as string)}s`);
    this.head = head;
  }
  /** Writes the identity into the first 16 bytes of `out`. */
  of(values: readonly string[], out: Uint8Array): void {
    let text = this.head;
    const { order, names } = this;
    for (let i = 0; i < order.length; i++) {
      const value = values[order[i] as number] as string;
      text += `${names[i] as string}${value.length}:${value}`;
    }
    digestInto(text, out);
  }
}

/** The text's SHA-256, first 128 bits. As a string it costs half of what a buffer does. */
function digestInto(text: string, out: Uint8Array): void {
  const digest = hash('sha256', text, 'binary');
  for (let i = 0; i < 16; i++) out[i] = digest.charCodeAt(i);
}

/** Identity of JSON objects. Neighbours mostly share their keys, so the last order is kept. */
export class ObjectIdentity {
  private readonly head: string;
  private keys: string[] = [];
  private order: string[] = [];
  private names: string[] = [];
  /** Told the keys of a row whenever they are not those of the row before. */
  private readonly newKeys: (keys: readonly string[]) => void;
  constructor(head: string, newKeys: (keys: readonly string[]) => void = () => undefined) {
    this.head = head;
    this.newKeys = newKeys;
  }
  /** Writes the identity into the first 16 bytes of `out`. Throws RangeError where nesting is too deep. */
  of(row: Readonly<Record<string, unknown>>, out: Uint8Array): void {
    const keys = Object.keys(row);
    if (!same(keys, this.keys)) {
      this.keys = keys;
      this.order = [...keys].sort();
      this.names = this.order.map(prefixed);
      this.newKeys(keys);
    }
    let text = this.head;
    const { order, names } = this;
    for (let i = 0; i < order.length; i++) {
      const value = row[order[i] as string];
      if (typeof value === 'string') text += `${names[i] as string}s${value.length}:${value}`;
      else {
        const json = canonicalJson(value, 0);
        text += `${names[i] as string}j${json.length}:${json}`;
      }
    }
    digestInto(text, out);
  }
}

function same(x: readonly string[], y: readonly string[]): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** JSON with sorted keys and no blanks (RFC 8785: JavaScript's own numbers and strings). */
export function canonicalJson(value: unknown, depth: number): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (value instanceof LongNumber) return value.digits;
  if (depth >= deepest) throw new RangeError(`nested deeper than ${deepest}`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  const record = value as Record<string, unknown>;
  const parts = Object.keys(record).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key], depth + 1)}`);
  return `{${parts.join(',')}}`;
}

/** A number kept as its digits, since a double would lose some. */
export class LongNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
  toString(): string {
    return this.digits;
  }
}

/**
 * Parses a row. A whole number of more than 15 digits comes as LongNumber, so that two rows that differ in its last
 * digit stay two; JSON.parse alone would make them one.
 */
export function parseRow(text: string): unknown {
  const row: unknown = JSON.parse(text);
  return holdsLong(row) ? exactly(text, row) : row;
}

/** Whether a number is so long that it may have lost digits. What is too deep to be a row is not looked into. */
function holdsLong(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return value >= 1e15 || value <= -1e15;
  if (value === null || typeof value !== 'object' || depth > deepest) return false;
  if (Array.isArray(value)) return value.some((item) => holdsLong(item, depth + 1));
  for (const key in value) {
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof inner !== 'string' && holdsLong(inner, depth + 1)) return true;
  }
  return false;
}

function exactly(text: string, plain: unknown): unknown {
  const marked = markLongNumbers(text);
  if (marked === null) return plain;
  return JSON.parse(marked.text, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(marked.mark) ? new LongNumber(value.slice(marked.mark.length)) : value);
}

/** The text with its long numbers as marked strings; null where it has none outside of strings. */
function markLongNumbers(text: string): { text: string; mark: string } | null {
  const mark = `n${createHash('sha256').update(text).digest('hex').slice(0, 24)}:`;
  let out = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at += 1;
      while (text.charCodeAt(at) !== 34) at += text.charCodeAt(at) === 92 ? 2 : 1;
      at += 1;
    } else if (code === 45 || (code >= 48 && code <= 57)) {
      const number = /^-?[0-9.eE+-]+/.exec(text.slice(at, at + 400))?.[0] ?? '-';
      if (/^-?\d{16,}$/.test(number)) {
        out += `${text.slice(copied, at)}"${mark}${number}"`;
        copied = at + number.length;
      }
      at += number.length;
    } else at += 1;
  }
  return copied === 0 ? null : { text: out + text.slice(copied), mark };
}
