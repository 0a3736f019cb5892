/**
 * Where a JSON text (RFC 8259) breaks the first time: in its syntax, by a key that an object has twice, or by half a surrogate pair.
 * `JSON.parse` is quicker and says less: it takes the last of two keys, and often names no place. This is asked when that fails or
 * something smells.
 */

export interface JsonFault {
  readonly code: 'syntax' | 'duplicate-key' | 'surrogate' | 'too-deep';
  /** Bytes from the beginning. */
  readonly offset: number;
  readonly text: string;
}

const numberShape = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 10 || byte === 13;

class Faults {
  private readonly bytes: Uint8Array;
  private readonly maxDepth: number;
  private at = 0;
  fault: JsonFault | null = null;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.bytes = bytes;
    this.maxDepth = maxDepth;
  }

  private fail(code: JsonFault['code'], offset: number, text: string): false {
    this.fault ??= { code, offset, text };
    return false;
  }
  private space(): void {
    while (isSpace(this.bytes[this.at])) this.at++;
  }

  whole(): void {
    if (!this.value()) return;
    this.space();
    if (this.at < this.bytes.length) this.fail('syntax', this.at, 'something follows the value');
  }

  /** One value; the stack is ours, so that no depth ends the process. */
  private value(): boolean {
    const open: (Set<string> | null)[] = [];
    for (;;) {
      this.space();
      const byte = this.bytes[this.at];
      if (byte === 0x7b || byte === 0x5b) {
        if (open.length >= this.maxDepth) return this.fail('too-deep', this.at, `more than ${this.maxDepth} levels`);
        const keys = byte === 0x7b ? new Set<string>() : null;
        this.at++;
        this.space();
        if (this.bytes[this.at] !== (keys ? 0x7d : 0x5d)) {
          open.push(keys);
          if (keys && !this.key(keys)) return false;
          continue;
        }
        this.at++;
      } else if (!this.scalar(byte)) return false;
      if (open.length === 0) return true;
      const next = this.after(open);
      if (next !== 'value') return next === 'end';
    }
  }

  /** What stands behind a value within others: the next value, or the end of them all. */
  private after(open: (Set<string> | null)[]): 'value' | 'end' | 'bad' {
    for (;;) {
      this.space();
      const keys = open.at(-1) ?? null;
      const byte = this.bytes[this.at];
      if (byte === 0x2c) {
        this.at++;
        return keys === null || this.key(keys) ? 'value' : 'bad';
      }
      if (byte !== (keys ? 0x7d : 0x5d)) {
        this.fail('syntax', this.at, byte === undefined ? 'the text ends too early' : `a comma or ${keys ? '}' : ']'} is wanted here`);
        return 'bad';
      }
      this.at++;
      open.pop();
      if (open.length === 0) return 'end';
    }
  }

  private key(keys: Set<string>): boolean {
    this.space();
    const from = this.at;
    if (this.bytes[from] !== 0x22) return this.fail('syntax', from, 'a key in quotes is wanted here');
    if (!this.string()) return false;
    const name = JSON.parse(Buffer.from(this.bytes.subarray(from, this.at)).toString('utf8')) as string;
    if (keys.has(name)) return this.fail('duplicate-key', from, `the key ${JSON.stringify(name.slice(0, 60))} stands here a second time`);
    keys.add(name);
    this.space();
    if (this.bytes[this.at] !== 0x3a) return this.fail('syntax', this.at, 'a colon is wanted here');
    this.at++;
    return true;
  }

  private scalar(byte: number | undefined): boolean {
    if (byte === 0x22) return this.string();
    const from = this.at;
    let end = from;
    while (end < this.bytes.length && !isSpace(this.bytes[end]) && !',]}:"[{'.includes(String.fromCharCode(this.bytes[end] ?? 0))) end++;
    const word = Buffer.from(this.bytes.subarray(from, Math.min(end, from + 2000))).toString('latin1');
    if (word !== 'true' && word !== 'false' && word !== 'null' && !(end - from < 2000 && numberShape.test(word))) {
      return this.fail('syntax', from, word === '' ? 'a value is wanted here' : 'this is no value');
    }
    this.at = end;
    return true;
  }

  /** A string with its quotes. */
  private string(): boolean {
    const { bytes } = this;
    const from = this.at;
    let high = -1;
    for (let i = from + 1; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      const escape = byte === 0x5c ? bytes[i + 1] : undefined;
      if (escape === 0x75) {
        const hex = Buffer.from(bytes.subarray(i + 2, i + 6)).toString('latin1');
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) return this.fail('syntax', i, 'four hex digits are wanted after this');
        const unit = Number.parseInt(hex, 16);
        const low = unit >= 0xdc00 && unit <= 0xdfff;
        if (low !== high >= 0) return this.fail('surrogate', high >= 0 ? high : i, 'this is half a surrogate pair');
        high = unit >= 0xd800 && unit <= 0xdbff ? i : -1;
        i += 5;
        continue;
      }
      if (high >= 0) return this.fail('surrogate', high, 'this is half a surrogate pair');
      if (byte === 0x22) {
        this.at = i + 1;
        return true;
      }
      if (byte < 0x20) return this.fail('syntax', i, 'a control character stands in a string');
      if (byte !== 0x5c) continue;
      if (!'"\\/bfnrt'.includes(String.fromCharCode(escape ?? 0))) return this.fail('syntax', i, 'there is no such escape');
      i++;
    }
    return this.fail('syntax', from, 'this string has no end');
  }
}

/** The first fault of a JSON text in UTF-8, or null where there is none. Takes time linear in its length, whatever it holds. */
export function jsonFault(bytes: Uint8Array, maxDepth: number): JsonFault | null {
  const faults = new Faults(bytes, maxDepth);
  faults.whole();
  return faults.fault;
}
