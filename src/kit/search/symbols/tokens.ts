/**
 * Source code as words and signs, without its comments, strings and preprocessor: as much of each language as it takes to tell where names are
 * defined. It reads bytes once from front to back, whatever they are, and ends what is not closed at the file's end or the line's.
 */

export interface Token {
  /** The word or the sign itself; a string is `"`. */
  readonly text: string;
  readonly kind: 'word' | 'sign' | 'string' | 'define';
  /** Bytes of the file, and the line from 1. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
}

export interface Lexicon {
  readonly lineComments: readonly string[];
  readonly blockComments: boolean;
  /** `#` begins a line of the preprocessor; of these only `#define` counts. */
  readonly preprocessor?: boolean;
  /** Block comments stand within one another, and a lone ' begins no string. */
  readonly rust?: boolean;
  /** `…` holds lines. */
  readonly backticks?: 'raw' | 'template';
  /** A / where a value is due begins a pattern. */
  readonly patterns?: boolean;
  /** """…""" holds lines. */
  readonly tripleQuotes?: boolean;
}

const [feed, quote, apostrophe, backtick, slash, star, backslash, hash, dollar, open, close] = [10, 34, 39, 96, 47, 42, 92, 35, 36, 123, 125] as const;

const isWordByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 128 || byte === dollar || /\w/.test(String.fromCharCode(byte)) ? 1 : 0));
const texts: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
const beforePattern = /^(?:[(,=:[!&|?{};+\-*%~^<>]|return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/;
/** A name is no longer; what is, is none. */
const longestWord = 255;

export class Tokens {
  private readonly bytes: Uint8Array;
  private readonly lexicon: Lexicon;
  private at = 0;
  private line = 1;
  private last = ';';
  private readonly out: Token[] = [];

  constructor(bytes: Uint8Array, lexicon: Lexicon) {
    this.bytes = bytes;
    this.lexicon = lexicon;
  }

  all(): readonly Token[] {
    const { bytes } = this;
    let fresh = true;
    while (this.at < bytes.length) {
      const byte = bytes[this.at] as number;
      if (byte === feed) {
        this.line++;
        this.at++;
        fresh = true;
        continue;
      }
      if (byte <= 32) {
        this.at++;
        continue;
      }
      if (this.skipped(byte, fresh)) continue;
      fresh = false;
      this.token(byte);
    }
    return this.out;
  }

  private skipped(byte: number, fresh: boolean): boolean {
    const { lexicon } = this;
    if (lexicon.preprocessor && fresh && byte === hash) {
      this.directive();
      return true;
    }
    const next = this.bytes[this.at + 1];
    if (lexicon.blockComments && byte === slash && next === star) {
      this.blockComment();
      return true;
    }
    if (lexicon.lineComments.some((start) => this.startsWith(start))) {
      this.toLineEnd();
      return true;
    }
    return false;
  }

  private token(byte: number): void {
    const { lexicon } = this;
    if (isWordByte[byte]) return this.word();
    if (byte === quote || (byte === apostrophe && !(lexicon.rust && !this.isCharacter()))) return this.string(byte);
    if (byte === backtick && lexicon.backticks) return this.backticks();
    if (byte === slash && lexicon.patterns && beforePattern.test(this.last)) return this.pattern();
    this.put('sign', texts[byte] as string, this.at, this.at + 1, this.line);
    this.at++;
  }

  private put(kind: Token['kind'], text: string, from: number, to: number, line: number): void {
    this.out.push({ kind, text, from, to, line });
    this.last = text;
  }

  private startsWith(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.bytes[this.at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  private word(): void {
    const from = this.at;
    while (this.at < this.bytes.length && isWordByte[this.bytes[this.at] as number]) this.at++;
    this.put('word', wordOf(this.bytes, from, this.at), from, this.at, this.line);
  }

  /** Over line ends that a backslash carries on. */
  private toLineEnd(carries = false): void {
    const { bytes } = this;
    for (; this.at < bytes.length && bytes[this.at] !== feed; this.at++) {
      if (!carries || bytes[this.at] !== backslash) continue;
      const after = bytes[this.at + 1] === 13 ? 2 : 1;
      if (bytes[this.at + after] !== feed) continue;
      this.at += after;
      this.line++;
    }
  }

  private directive(): void {
    const { bytes } = this;
    let at = this.at + 1;
    while (bytes[at] === 32 || bytes[at] === 9) at++;
    const isDefine = wordOf(bytes, at, at + 6) === 'define';
    if (isDefine) {
      at += 6;
      while (bytes[at] === 32 || bytes[at] === 9) at++;
      let to = at;
      while (to < bytes.length && isWordByte[bytes[to] as number]) to++;
      if (to > at) this.out.push({ kind: 'define', text: wordOf(bytes, at, to), from: at, to, line: this.line });
    }
    this.toLineEnd(true);
  }

  private blockComment(): void {
    const { bytes, lexicon } = this;
    let depth = 1;
    for (this.at += 2; this.at < bytes.length && depth > 0; this.at++) {
      const byte = bytes[this.at];
      if (byte === feed) this.line++;
      else if (byte === star && bytes[this.at + 1] === slash) {
        depth--;
        this.at++;
      } else if (lexicon.rust && byte === slash && bytes[this.at + 1] === star) {
        depth++;
        this.at++;
      }
    }
  }

  /** In Rust 'a' is a character and 'a a lifetime. */
  private isCharacter(): boolean {
    const { bytes, at } = this;
    if (bytes[at + 1] === backslash) return true;
    for (let i = 2; i <= 5; i++) if (bytes[at + i] === apostrophe) return true;
    return false;
  }

  private string(end: number): void {
    const { bytes, line, at: from, lexicon } = this;
    if (lexicon.tripleQuotes && bytes[from + 1] === end && bytes[from + 2] === end) {
      for (this.at += 3; this.at < bytes.length; this.at++) {
        if (bytes[this.at] === feed) this.line++;
        else if (bytes[this.at] === backslash) this.at++;
        else if (bytes[this.at] === end && bytes[this.at + 1] === end && bytes[this.at + 2] === end) break;
      }
      this.at += 3;
      return this.put('string', '"', from, this.at, line);
    }
    for (this.at++; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte === end) {
        this.at++;
        break;
      }
      // What is not closed ends with its line; Rust's strings hold lines.
      if (byte === feed && !lexicon.rust) break;
      if (byte === feed) this.line++;
      if (byte !== backslash) continue;
      this.at++;
      if (bytes[this.at] === feed) this.line++;
    }
    this.put('string', '"', from, this.at, line);
  }

  /** With `${…}` in it, which may hold strings again: counted by braces. */
  private backticks(): void {
    const { bytes, line, at: from, lexicon } = this;
    let depth = 0;
    for (this.at++; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte === feed) this.line++;
      else if (byte === backslash && lexicon.backticks === 'template') this.at++;
      else if (lexicon.backticks === 'template' && byte === dollar && bytes[this.at + 1] === open) depth++;
      else if (byte === close && depth > 0) depth--;
      else if (byte === backtick && depth === 0) break;
    }
    this.at++;
    this.put('string', '"', from, this.at, line);
  }

  private pattern(): void {
    const { bytes, line, at: from } = this;
    let inClass = false;
    for (this.at++; this.at < bytes.length && bytes[this.at] !== feed; this.at++) {
      const byte = bytes[this.at];
      if (byte === backslash) this.at++;
      else if (byte === 91) inClass = true;
      else if (byte === 93) inClass = false;
      else if (byte === slash && !inClass) break;
    }
    if (bytes[this.at] === slash) this.at++;
    this.put('string', '"', from, this.at, line);
  }
}

/** Bytes as a word, one character a byte; names that are compared are compared so. */
export function wordOf(bytes: Uint8Array, from: number, to: number): string {
  let out = '';
  for (let i = from; i < Math.min(to, from + longestWord); i++) out += texts[bytes[i] as number] as string;
  return out;
}
