/**
 * Reads a pattern of the dialect of docs/specs/search.md. What it accepts means what ripgrep's `(?-u)` makes of it; what we do not have
 * is refused with its place in the pattern, never taken for something else.
 */
import { isWellFormed, toUtf8 } from '#kit/encoding';
import { Refusal } from '#kit/refusal';
import {
  addAll, addByte, addRange, anyOf, bothCases, digits, emptySet, everyByte, negated, setOf, spaces, textPattern, wordBytes,
  type ByteSet, type Pattern, type Place,
} from './syntax.ts';

export const limits = { characters: 4096, depth: 64, repeat: 1000 } as const;

/** A no to a pattern: `at` is the 1-based place of the character. */
export function patternRefusal(reason: string, sentence: string, at: number, hint?: string): Refusal {
  return new Refusal('invalid', `search-pattern.${reason}`, sentence, { at: `pattern:${at + 1}`, ...(hint ? { hint } : {}) });
}

const shorthand: Readonly<Record<string, ByteSet>> = {
  d: digits, D: negated(digits), s: spaces, S: negated(spaces), w: wordBytes, W: negated(wordBytes),
};
const controls: Readonly<Record<string, number>> = { a: 7, t: 9, v: 11, f: 12, r: 13 };
const places: Readonly<Record<string, Place>> = { b: 'word-border', B: 'no-word-border', '<': 'word-start', '>': 'word-end' };
const posix: Readonly<Record<string, ByteSet>> = {
  alnum: setOf([48, 57], [65, 90], [97, 122]), alpha: setOf([65, 90], [97, 122]), ascii: setOf([0, 127]), blank: setOf([9, 9], [32, 32]),
  cntrl: setOf([0, 31], [127, 127]), digit: digits, graph: setOf([33, 126]), lower: setOf([97, 122]), print: setOf([32, 126]),
  punct: setOf([33, 47], [58, 64], [91, 96], [123, 126]), space: spaces, upper: setOf([65, 90]), word: wordBytes,
  xdigit: setOf([48, 57], [65, 70], [97, 102]),
};

/** What an escape stands for: bytes in a row, or one of a set. */
type Escaped = { readonly byte: number } | { readonly text: Uint8Array } | { readonly set: ByteSet };

class Reader {
  readonly chars: readonly string[];
  at = 0;
  depth = 0;
  anyCase: boolean;

  constructor(text: string, anyCase: boolean) {
    this.chars = Array.from(text);
    this.anyCase = anyCase;
  }

  peek(ahead = 0): string {
    return this.chars[this.at + ahead] ?? '';
  }
  ends(): boolean {
    return this.at >= this.chars.length;
  }
  takes(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.peek(i) !== text[i]) return false;
    this.at += text.length;
    return true;
  }

  choice(): Pattern {
    const from = this.at;
    if (++this.depth > limits.depth) {
      throw patternRefusal('too-deep', `Groups stand within one another more than ${limits.depth} deep.`, from);
    }
    const parts = [this.row()];
    while (this.takes('|')) parts.push(this.row());
    this.depth--;
    return parts.length === 1 ? parts[0] as Pattern : { kind: 'choice', parts };
  }

  row(): Pattern {
    const parts: Pattern[] = [];
    while (!this.ends() && this.peek() !== '|' && this.peek() !== ')') {
      const atom = this.atom();
      if (atom !== null) parts.push(this.repeated(atom));
    }
    return parts.length === 1 ? parts[0] as Pattern : { kind: 'row', parts };
  }

  /** Null for flags that hold for what follows. */
  atom(): Pattern | null {
    const from = this.at;
    const char = this.peek();
    this.at++;
    switch (char) {
      case '(': return this.group(from);
      case '[': return anyOf(this.bracket(from));
      case '.': return anyOf(everyByte);
      case '^': return { kind: 'place', place: 'line-start' };
      case '$': return { kind: 'place', place: 'line-end' };
      case '\\': return this.outside(from);
      case '*': case '+': case '?': case '{':
        throw patternRefusal('nothing-to-repeat', `There is nothing before ${char} that could be repeated.`, from, `Write \\${char} for the character itself.`);
      default: return this.literal(toUtf8(char), from);
    }
  }

  literal(bytes: Uint8Array, from: number): Pattern {
    if (bytes[0] === 10) throw lineFeedRefusal(from);
    return textPattern(bytes, this.anyCase);
  }

  repeated(atom: Pattern): Pattern {
    let part = atom;
    let levels = 0;
    for (;;) {
      const from = this.at;
      const bounds = this.bounds();
      if (!bounds) return part;
      // Each is one floor of the tree, as a group is.
      if (++levels > limits.depth) throw patternRefusal('too-deep', `More than ${limits.depth} repetitions of one another.`, from);
      part = { kind: 'repeat', part, least: bounds[0], most: bounds[1], greedy: !this.takes('?') };
    }
  }

  bounds(): readonly [number, number] | null {
    if (this.takes('*')) return [0, Infinity];
    if (this.takes('+')) return [1, Infinity];
    if (this.takes('?')) return [0, 1];
    const from = this.at;
    if (!this.takes('{')) return null;
    const least = this.count(from);
    const most = this.takes(',') ? this.peek() === '}' ? Infinity : this.count(from) : least;
    if (!this.takes('}')) throw countRefusal(from);
    if (most < least) throw patternRefusal('bad-count', 'The repetition ends before it begins.', from);
    return [least, most];
  }

  count(from: number): number {
    let text = '';
    while (/^[0-9]$/.test(this.peek()) && text.length < 10) {
      text += this.peek();
      this.at++;
    }
    if (text === '') throw countRefusal(from);
    const value = Number(text);
    if (value > limits.repeat) throw patternRefusal('too-many', `A count is at most ${limits.repeat}.`, from);
    return value;
  }

  group(from: number): Pattern | null {
    const before = this.anyCase;
    if (this.takes('?')) {
      for (const look of ['=', '!', '<=', '<!']) {
        if (this.takes(look)) {
          throw patternRefusal('look-around', 'Patterns look neither ahead nor behind: it could not be done in linear time.', from);
        }
      }
      if (this.takes('P<') || this.takes('<')) this.name(from);
      else if (!this.takes(':') && !this.flags(from)) return null;
    }
    const inner = this.choice();
    if (!this.takes(')')) throw patternRefusal('open-group', 'The group that begins here is not closed.', from);
    this.anyCase = before;
    return inner;
  }

  name(from: number): void {
    let name = '';
    while (!this.ends() && this.peek() !== '>') {
      name += this.peek();
      this.at++;
    }
    if (!this.takes('>') || !/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) {
      throw patternRefusal('bad-name', 'A group is named by letters, digits and _, then >.', from);
    }
  }

  /** Whether a group follows; else the flags hold to the end of the group around them. */
  flags(from: number): boolean {
    let on = true;
    let seen = 0;
    for (;; this.at++) {
      const flag = this.peek();
      if (flag === '-' && on) {
        on = false;
        seen = 0;
        continue;
      }
      // Neither m nor s changes anything: a line holds no line feed, and `^` and `$` are always those of the line.
      if (flag === 'i') this.anyCase = on;
      else if (flag !== 's' && flag !== 'm') break;
      seen++;
    }
    const group = this.peek() === ':';
    if (seen > 0 && (group || this.peek() === ')')) {
      this.at++;
      return group;
    }
    throw patternRefusal('bad-flag', 'A group opens with (, (?:, (?<name>, or flags of i, m and s.', from);
  }

  outside(from: number): Pattern {
    const char = this.peek();
    const place = places[char];
    if (place !== undefined) {
      this.at++;
      if ((char === 'b' || char === 'B') && this.peek() === '{') throw patternRefusal('unknown-escape', `\\${char}{ is not in the dialect.`, from);
      return { kind: 'place', place };
    }
    if (char === 'A' || char === 'z' || char === 'Z') {
      throw patternRefusal('file-border', 'Each line is looked at by itself, so a file has no beginning or end here.', from, 'Use ^ and $.');
    }
    if (/^[0-9]$/.test(char)) {
      throw patternRefusal('back-reference', 'Patterns do not refer back to a group: it could not be done in linear time.', from);
    }
    const escaped = this.escape(from);
    if ('set' in escaped) return anyOf(escaped.set);
    return this.literal('byte' in escaped ? Uint8Array.of(escaped.byte) : escaped.text, from);
  }

  escape(from: number): Escaped {
    if (this.ends()) throw patternRefusal('open-escape', 'Nothing follows the last backslash.', from);
    const char = this.peek();
    this.at++;
    const set = Object.hasOwn(shorthand, char) ? shorthand[char] : undefined;
    if (set) return { set };
    if (char === 'n') return { byte: 10 };
    const control = Object.hasOwn(controls, char) ? controls[char] : undefined;
    if (control !== undefined) return { byte: control };
    if (char === 'x') return this.hex(from);
    if (/^[!-/:-@[-`{-~ ]$/.test(char)) return { byte: char.charCodeAt(0) };
    if (char === 'p' || char === 'P') throw patternRefusal('unicode-class', 'Classes are of bytes; there are none of Unicode.', from);
    throw patternRefusal('unknown-escape', `\\${char} is not in the dialect.`, from);
  }

  hex(from: number): Escaped {
    const braced = this.takes('{');
    let text = '';
    while (/^[0-9A-Fa-f]$/.test(this.peek()) && text.length < (braced ? 8 : 2)) {
      text += this.peek();
      this.at++;
    }
    const code = Number.parseInt(text, 16);
    if (!braced && text.length === 2) return { byte: code };
    const isCharacter = braced && text !== '' && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    if (!isCharacter || !this.takes('}')) {
      throw patternRefusal('bad-hex', '\\x wants two hex digits, or the number of a character in braces.', from);
    }
    return { text: toUtf8(String.fromCodePoint(code)) };
  }

  bracket(from: number): ByteSet {
    const isNegated = this.takes('^');
    const set = emptySet();
    for (let first = true; first || this.peek() !== ']'; first = false) {
      if (this.ends()) throw patternRefusal('open-class', 'The class that begins here is not closed.', from);
      this.member(set);
    }
    this.at++;
    const folded = this.anyCase ? bothCases(set) : set;
    return isNegated ? negated(folded) : folded;
  }

  member(set: ByteSet): void {
    const from = this.at;
    if (this.takes('[:')) return addAll(set, this.named(from));
    const low = this.single();
    if (typeof low !== 'number') return addAll(set, low);
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '') return addByte(set, low);
    this.at++;
    const high = this.single();
    if (typeof high !== 'number') throw patternRefusal('bad-range', 'A range ends with one byte.', from);
    if (high < low) throw patternRefusal('bad-range', 'The range ends before it begins.', from);
    addRange(set, low, high);
  }

  named(from: number): ByteSet {
    const not = this.takes('^');
    let name = '';
    while (/^[a-z]$/.test(this.peek()) && name.length < 8) {
      name += this.peek();
      this.at++;
    }
    const found = Object.hasOwn(posix, name) ? posix[name] : undefined;
    if (!found || !this.takes(':]')) throw patternRefusal('unknown-class', 'There is no class of this name.', from);
    return not ? negated(found) : found;
  }

  /** One byte, or the set that a shorthand is. */
  single(): number | ByteSet {
    const from = this.at;
    const char = this.peek();
    this.at++;
    if (char === '\\') {
      const escaped = this.escape(from);
      if ('set' in escaped) return escaped.set;
      if ('byte' in escaped) return escaped.byte;
      if (escaped.text.length > 1) throw wideRefusal(from);
      return escaped.text[0] as number;
    }
    const doubled = (char === '&' || char === '-' || char === '~') && this.peek() === char;
    // A dash that is first, or stands twice at an end, is plain in ripgrep too; we refuse both so as to read no pattern otherwise than it.
    if (doubled || char === '[') {
      throw patternRefusal('class-in-class', 'Classes are not computed from classes.', from, 'Write a backslash before the character if it is meant.');
    }
    const code = char.codePointAt(0) ?? 0;
    if (code > 127) throw wideRefusal(from);
    return code;
  }
}

const lineFeedRefusal = (at: number): Refusal =>
  patternRefusal('line-feed', 'A match lies within one line, so a pattern cannot ask for a line feed.', at);
const countRefusal = (at: number): Refusal =>
  patternRefusal('bad-count', 'A repetition is written {3}, {3,} or {3,5}.', at, 'Write \\{ for the character itself.');
const wideRefusal = (at: number): Refusal =>
  patternRefusal('wide-in-class', 'A class holds single bytes, and this character has several.', at, 'Write the characters as a group: (?:ä|ö).');

function checkText(text: string): void {
  if (!isWellFormed(text)) throw patternRefusal('no-text', 'The pattern is not valid Unicode.', 0);
  if (text.length > limits.characters) throw patternRefusal('too-long', `A pattern has at most ${limits.characters} characters.`, limits.characters);
}

/** The pattern that a text spells, in either case if asked so. */
export function parsePattern(text: string, anyCase = false): Pattern {
  checkText(text);
  const reader = new Reader(text, anyCase);
  const pattern = reader.choice();
  if (!reader.ends()) throw patternRefusal('no-group', 'This ) closes no group.', reader.at);
  return pattern;
}

/** The pattern of a plain text: nothing in it means anything else. */
export function parseText(text: string, anyCase = false): Pattern {
  checkText(text);
  if (text.includes('\n')) throw lineFeedRefusal(Array.from(text).indexOf('\n'));
  return textPattern(toUtf8(text), anyCase);
}
