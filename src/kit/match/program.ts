/**
 * The program of `kernel.ts`: WebAssembly that says which words of a window are worth reading, sixteen bytes at a time. It asks the same filter by the
 * same hashes as `scan.ts`, and may say too much, never too little: what it names is read by `scan.ts`, which alone decides. The steps of
 * the program stand in the order in which a byte meets them.
 */
import { get, i32, minus, moduleOf, num, or, plus, v128, load, type Code } from '#kit/hash/wasm';
import {
  Assembler, and64, atLeast, below, below16, bits16, both, byteOf, count64, differ, either, eq, equal16, everywhere, i64, isZero64, left32, left64, long,
  lowest64, minus16, minus64, narrow64, ne, not, not64, or64, putWord, right32, right64, times, turned, wide64, wordOf,
} from './assembler.ts';
import { beyondHex, dash, dot, letter, wide, word } from './bytes.ts';
import { hashGate, kindCode, mailHost, urlHost, type MatchIndex } from './table.ts';

// Memory, in bytes.
export const classAt = 0;
export const lowerAt = 256;
export const hostAt = 512;
export const lengthAt = 768;
const stateAt = 1024;
export const letterAt = 1280;
export const coversAt = 2048;
export const outAt = coversAt + 65_536 + 512;
const outMost = 8192;
export const windowAt = 163_840;
export const windowMost = 851_968;
export const filterAt = 1_048_576;

/** Bits of the table of what a host is made of. */
export const stops = 1;
export const odd = 2;
/** Instead of a letter in lower case: what is of no word, beyond ASCII, or a dot. All others are below. */
export const special = { border: 0x81, wide: 0x82, dot: 0xae } as const;
/** What is in the state: how many were found, where the next begins, and up to where words are done. */
export const [foundAt, nextAt, doneAt, linesAt] = [stateAt, stateAt + 4, stateAt + 8, stateAt + 12];

const byte = (text: string): Code => num(text.charCodeAt(0));

/** Its seed, its filter's size and what it looks for are part of it. */
class Program {
  readonly asm = new Assembler(2);
  private readonly index: MatchIndex;
  private readonly seeksV6: boolean;
  private readonly p = this.asm.local(i32);
  private readonly at = this.asm.local(i32);
  /** Ends of the words and of the runs of hex that were dealt with. */
  private readonly done = this.asm.local(i32);
  private readonly hexDone = this.asm.local(i32);
  private readonly found = this.asm.local(i32);
  private readonly lines = this.asm.local(i32);
  private readonly a = this.asm.local(i32);
  private readonly b = this.asm.local(i32);
  private readonly c = this.asm.local(i32);
  private readonly d = this.asm.local(i32);
  private readonly e = this.asm.local(i32);
  private readonly seen = this.asm.local(i32);
  private readonly hash = this.asm.local(i32);
  private readonly x = this.asm.local(i32);
  private readonly quad = this.asm.local(i32);
  private readonly events = this.asm.local(i64);
  private readonly lineBits = this.asm.local(i64);
  private readonly valid = this.asm.local(i64);
  private readonly masks = Object.fromEntries(
    ['word', 'hex', 'dot', 'colon', 'open', 'close', 'second', 'after'].map((name) => [name, [this.asm.local(i64), this.asm.local(i64)]]),
  ) as Record<'word' | 'hex' | 'dot' | 'colon' | 'open' | 'close' | 'second' | 'after', [number, number]>;
  /** Runs of hex of at least 2, 4, 8, 16 and 32, now and in the block before. */
  private readonly runs = [1, 2, 4, 8, 16].map(() => [this.asm.local(i64), this.asm.local(i64)] as const);
  private readonly v = this.asm.local(v128);
  private readonly low = this.asm.local(v128);
  private readonly digits = this.asm.local(v128);
  private readonly constants = new Map<number, number>();

  constructor(index: MatchIndex) {
    this.index = index;
    this.seeksV6 = Boolean(index.has.ipv4 ?? index.has.ipv6 ?? index.has.prefix);
  }

  private same16(value: number, code: number): Code {
    return equal16(get(value), get(this.constant(code)));
  }
  private constant(code: number): number {
    const known = this.constants.get(code) ?? this.asm.local(v128);
    this.constants.set(code, known);
    return known;
  }

  /** Bits of the 64 bytes from `p` on, one mask a class. */
  private classify(): void {
    const { asm, masks, v, low, digits } = this;
    for (const [name] of Object.entries(masks)) asm.set(masks[name as 'word'][0], long(0n));
    asm.set(this.lineBits, long(0n));
    const join = (mask: number, code: Code, quarter: number): void =>
      asm.set(mask, or64(get(mask), left64(wide64(bits16(code)), long(BigInt(quarter * 16)))));
    for (let quarter = 0; quarter < 4; quarter++) {
      asm.set(v, load(get(this.p), quarter * 16));
      asm.set(low, or(get(v), get(this.constant(0x20))));
      const letters = minus16(get(low), get(this.constant(0x61)));
      asm.set(digits, below16(minus16(get(v), get(this.constant(0x30))), get(this.constant(10))));
      const marks = below16(minus16(get(v), get(this.constant(0x2d))), get(this.constant(2)));
      const slash = this.same16(v, 0x2f);
      const backslash = this.same16(v, 0x5c);
      const colon = this.same16(v, 0x3a);
      const dots = this.same16(v, 0x2e);
      // The sign bit of a byte beyond ASCII is its own mark.
      join(masks.word[0], or(or(or(below16(letters, get(this.constant(26))), get(digits)), or(marks, this.same16(v, 0x5f))), get(v)), quarter);
      join(masks.hex[0], or(below16(letters, get(this.constant(6))), get(digits)), quarter);
      join(masks.dot[0], dots, quarter);
      join(masks.colon[0], colon, quarter);
      join(masks.open[0], or(or(this.same16(low, 0x7b), this.same16(v, 0x28)), backslash), quarter);
      join(masks.close[0], or(or(this.same16(low, 0x7d), this.same16(v, 0x29)), backslash), quarter);
      join(masks.after[0], or(or(slash, backslash), colon), quarter);
      join(masks.second[0], or(or(or(dots, colon), or(slash, this.same16(v, 0x40))), or(this.same16(low, 0x64), this.same16(low, 0x61))), quarter);
      join(this.lineBits, this.same16(v, 0x0a), quarter);
    }
  }

  /** A mask moved on by some bytes, with what comes from the block before. */
  private moved([now, before]: readonly [number, number], by: number): Code {
    return or64(left64(get(now), long(BigInt(by))), right64(get(before), long(BigInt(64 - by))));
  }

  /** The bits at which something has to be looked at, and the masks kept for the next block. */
  private gather(): void {
    const { asm, masks: m } = this;
    const dots = and64(and64(this.moved(m.dot, 1), get(m.word[0])), this.moved(m.word, 2));
    const colons = this.moved(m.colon, 1);
    const hexes = and64(and64(colons, get(m.hex[0])), this.moved(m.hex, 2));
    const all = [
      dots, and64(colons, get(m.after[0])), ...(this.seeksV6 ? [hexes] : []), and64(this.moved(m.open, 1), get(m.second[0])),
      and64(this.moved(m.close, 1), get(m.word[0])),
    ];
    let pair: readonly [number, number] = m.hex;
    this.runs.forEach((run, i) => {
      asm.set(run[0], and64(get(pair[0]), this.moved(pair, 2 ** i)));
      pair = run;
    });
    all.push(and64(get(pair[0]), not64(this.moved(pair, 1))));
    asm.set(this.events, all.reduce((a, b) => or64(a, b)));
    for (const [now, before] of [...Object.values(m), ...this.runs]) asm.set(before, get(now));
  }

  private classOf(address: Code): Code {
    return byteOf(byteOf(address), classAt);
  }
  private classIn(local: number, beyond = 0): Code {
    return byteOf(byteOf(get(local), beyond), classAt);
  }
  private before(local: number, by = 1): Code {
    return byteOf(minus(get(local), num(by)));
  }

  /** Names the place `at`, with how many lines ended before it. */
  private tell(): void {
    const { asm } = this;
    const bit = wide64(minus(get(this.at), get(this.p)));
    const ended = narrow64(count64(and64(get(this.lineBits), minus64(left64(long(1n), bit), long(1n)))));
    const slot = plus(num(outAt), left32(get(this.found), num(3)));
    asm.put(putWord(slot, get(this.at)), putWord(slot, plus(get(this.lines), ended), 4));
    asm.add(this.found, 1);
  }
  private tellIf(condition: Code, then?: string): void {
    this.asm.when(condition, () => {
      this.tell();
      if (then !== undefined) this.asm.leave(then);
    });
  }

  private step(value: Code): void {
    this.asm.set(this.hash, times(differ(turned(get(this.hash), num(5)), value), num(0x9e3779b1 | 0)));
  }
  /** Tells and leaves if the filter may hold the hash under a kind. */
  private ask(code: number, then?: string): void {
    const { asm, x } = this;
    
    asm.set(x, differ(get(this.hash), num(Math.imul(code + 1, 0x85ebca6b))));
    asm.set(x, times(differ(get(x), right32(get(x), num(16))), num(0x7feb352d)));
    asm.set(x, times(differ(get(x), right32(get(x), num(15))), num(0x846ca68b | 0)));
    asm.set(x, differ(get(x), right32(get(x), num(16))));
    const third = right32(times(get(x), num(0x9e3779b1 | 0)), num(27));
    const bits = either(either(left32(num(1), get(x)), left32(num(1), right32(get(x), num(5)))), left32(num(1), third));
    const held = wordOf(plus(num(filterAt), left32(right32(get(x), num(this.index.shift)), num(2))));
    this.tellIf(eq(both(held, bits), bits), then);
  }
  private is(address: Code, text: string): Code {
    return eq(address, byte(text));
  }
  private isAny(address: Code, text: string): Code {
    return [...text].map((t) => this.is(address, t)).reduce((a, b) => either(a, b));
  }

  /** `at` stands behind a dot within a word: its end, then kinds by its last byte. */
  private dotted(): void {
    const { asm, at, a, b, e, seen, done } = this;
    asm.leaveIf('event', below(get(at), get(done)));
    // As far as the mask goes, and on from there where the word leaves the block.
    const bit = wide64(minus(get(at), get(this.p)));
    asm.set(e, plus(get(at), narrow64(lowest64(not64(right64(get(this.masks.word[0]), bit))))));
    asm.when(atLeast(get(e), plus(get(this.p), num(64))), () => {
      asm.set(e, plus(get(this.p), num(64)));
      asm.while(atLeast(this.classIn(e), num(word)), () => asm.add(e, 1));
    });
    asm.set(done, get(e));
    asm.while(this.is(this.before(e), '.'), () => asm.add(e, -1));
    asm.when(below(minus(this.before(e), num(48)), num(10)), () => {
      asm.set(a, get(e));
      asm.set(seen, num(0));
      asm.while(atLeast(this.classOf(minus(get(a), num(1))), num(word)), () => {
        asm.add(a, -1);
        asm.set(seen, either(get(seen), this.classIn(a)));
      });
      asm.when(not(both(get(seen), num(letter | dash | wide))), () => {
        asm.set(b, this.before(a));
        this.tellIf(this.isAny(get(b), '%\\'), 'event');
        asm.while(this.is(byteOf(get(a)), '.'), () => asm.add(a, 1));
        this.quadFrom();
        asm.leave('event');
      });
    });
    this.domain();
  }

  /** Four numbers from `a` to `e`, or nothing. */
  private quadFrom(): void {
    const { asm, a, b, c, d, e, quad, index } = this;
    asm.leaveIf('event', atLeast(minus(minus(get(e), get(a)), num(7)), num(9)));
    for (const local of [quad, b, c, d]) asm.set(local, num(0));
    // b: the number, c: its digits, d: dots so far.
    asm.while(below(get(a), get(e)), () => {
      asm.set(this.x, byteOf(get(a)));
      asm.when(this.is(get(this.x), '.'), () => {
        asm.leaveIf('event', not(get(c)));
        asm.set(quad, either(left32(get(quad), num(8)), get(b)));
        asm.set(b, num(0));
        asm.set(c, num(0));
        asm.add(d, 1);
      }, () => {
        asm.leaveIf('event', both(eq(get(c), num(1)), not(get(b))));
        asm.set(b, plus(times(get(b), num(10)), minus(get(this.x), num(48))));
        asm.leaveIf('event', atLeast(get(b), num(256)));
        asm.add(c, 1);
      });
      asm.add(a, 1);
    });
    asm.leaveIf('event', either(ne(get(d), num(3)), not(get(c))));
    asm.set(quad, either(left32(get(quad), num(8)), get(b)));
    if (index.v4Lengths.length > 0) this.tellIf(byteOf(right32(get(quad), num(16)), coversAt), 'event');
    if (index.has.ipv4 !== true) return;
    asm.set(this.hash, num(index.seed));
    for (const bits of [0, 8, 16, 24]) this.step(both(right32(get(quad), num(bits)), num(255)));
    this.ask(kindCode.ipv4);
  }

  /** A name that ends at `e`, from its end. */
  private domain(): void {
    const { asm, a, b, c, d, e, index } = this;
    asm.set(this.hash, num(index.seed));
    asm.set(a, minus(get(e), num(1)));
    asm.set(c, num(0));
    asm.set(d, minus(get(e), num(256)));
    asm.block('start', () => asm.loop('letter', () => {
      asm.set(b, byteOf(byteOf(get(a)), letterAt));
      asm.when(atLeast(get(b), num(128)), () => {
        asm.leaveIf('start', eq(get(b), num(special.border)));
        this.tellIf(eq(get(b), num(special.wide)), 'event');
        asm.when(get(c), () => this.ask(kindCode.domain, 'event'));
        asm.set(c, num(1));
        asm.set(b, byte('.'));
      });
      this.step(get(b));
      asm.add(a, -1);
      // Longer than any name: its parents have been asked for.
      asm.leaveIf('event', eq(get(a), get(d)));
      asm.leave('letter');
    }));
    asm.set(b, byteOf(get(a)));
    asm.leaveIf('event', not(get(c)));
    this.ask(kindCode.domain, 'event');
    if (index.has.email === true) asm.when(this.is(get(b), '@'), () => this.ask(mailHost, 'event'));
    const behindScheme = both(this.is(get(b), '/'), both(this.is(this.before(a), '/'), this.is(this.before(a, 2), ':')));
    if (index.has.url === true) asm.when(behindScheme, () => this.ask(urlHost, 'event'));
    asm.when(this.isAny(get(b), '%\\'), () => this.escaped());
  }

  /** The same name without each of its first bytes, since some of them may be an escape. `a` is the byte before it. */
  private escaped(): void {
    const { asm, a, c, d, e } = this;
    // Of escapes of escapes, and of addresses, there is little to be gained here.
    this.tellIf(both(this.is(byteOf(get(a), 1), '2'), this.is(byteOf(get(a), 2), '5')), 'event');
    this.tellIf(below(minus(this.before(e), num(48)), num(10)), 'event');
    asm.set(c, plus(get(a), num(1)));
    asm.set(d, plus(get(a), num(8)));
    asm.set(a, minus(get(e), num(1)));
    asm.set(this.hash, num(this.index.seed));
    asm.while(atLeast(get(a), get(c)), () => {
      this.step(byteOf(byteOf(get(a)), lowerAt));
      asm.when(below(get(a), get(d)), () => this.ask(kindCode.domain, 'event'));
      asm.add(a, -1);
    });
  }

  /** A colon stands before `at`: a scheme, or an address of IPv6. */
  private afterColon(): void {
    const { asm, at, a, b, index } = this;
    const next = byteOf(get(at));
    const beyond = byteOf(get(at), 1);
    asm.when(this.is(next, '\\'), () => {
      this.tellIf(this.is(beyond, '/'));
      asm.leave('event');
    });
    asm.when(this.is(next, '/'), () => {
      asm.leaveIf('event', not(this.is(beyond, '/')));
      // The x of hxxp, hxtp and htxp, the w of meow.
      const folded = (by: number): Code => either(this.before(at, by), num(32));
      this.tellIf([3, 4, 5].map((by) => this.is(folded(by), 'x')).concat([2, 3].map((by) => this.is(folded(by), 'w')))
        .reduce((p, q) => either(p, q)), 'event');
      if (index.has.url === true) this.host();
      asm.leave('event');
    });
    if (!this.seeksV6) return;
    this.tellIf(this.is(next, ':'), 'event');
    // Six groups of hex, each with its colon; times have three.
    asm.set(a, get(at));
    asm.set(b, num(1));
    asm.block('groups', () => asm.loop('group', () => {
      asm.while(eq(both(this.classIn(a), num(word | dot | dash | beyondHex | wide)), num(word)), () => asm.add(a, 1));
      asm.leaveIf('groups', not(this.is(byteOf(get(a)), ':')));
      asm.leaveIf('groups', atLeast(minus(get(a), get(at)), num(40)));
      asm.add(a, 1);
      asm.add(b, 1);
      asm.leave('group');
    }));
    this.tellIf(atLeast(get(b), num(6)));
  }

  /** A URL's host: told at once where it is not written as it is compared. */
  private host(): void {
    const { asm, at, a, b, c, d, x } = this;
    asm.set(a, plus(get(at), num(2)));
    asm.set(b, get(a));
    asm.set(c, num(0));
    // b: where its last label begins, c: whether its name is over, d: a limit.
    asm.set(d, plus(get(a), num(8200)));
    asm.block('host', () => asm.loop('more', () => {
      asm.set(x, byteOf(byteOf(get(a)), hostAt));
      asm.leaveIf('host', both(get(x), num(stops)));
      this.tellIf(both(get(x), num(odd)), 'event');
      asm.when(below(this.classIn(a), num(word)), () => asm.set(c, num(1)));
      asm.when(both(not(get(c)), this.is(byteOf(get(a)), '.')), () => {
        this.tellIf(eq(get(a), get(b)), 'event');
        // A dot at the end begins no label.
        asm.when(atLeast(this.classIn(a, 1), num(word)), () => asm.set(b, plus(get(a), num(1))));
      });
      asm.add(a, 1);
      asm.leaveIf('more', below(get(a), get(d)));
    }));
    this.tellIf(below(minus(byteOf(get(b)), num(48)), num(10)));
  }

  /** `at` is the 32nd of a run of hex, or a later one where the run began before the blocks that were seen. */
  private hexRun(): void {
    const { asm, at, a, b, e, hexDone, x } = this;
    const isHex = (address: Code): Code => eq(both(this.classOf(address), num(word | dot | dash | beyondHex | wide)), num(word));
    asm.leaveIf('event', below(get(at), get(hexDone)));
    asm.set(e, get(at));
    asm.while(isHex(get(e)), () => asm.add(e, 1));
    asm.set(hexDone, get(e));
    asm.set(a, minus(get(at), num(31)));
    asm.while(isHex(minus(get(a), num(1))), () => asm.add(a, -1));
    // Behind an escape only a part of it may be the hash.
    this.tellIf(either(this.isAny(this.before(a), '%\\'), this.is(this.before(a, 2), '\\')), 'event');
    asm.set(b, minus(get(e), get(a)));
    asm.leaveIf('event', atLeast(get(b), num(129)));
    asm.set(b, byteOf(get(b), lengthAt));
    asm.leaveIf('event', not(get(b)));
    // Letters around it make it longer; letters beyond ASCII are for others to judge.
    asm.set(x, both(either(this.classOf(minus(get(a), num(1))), this.classIn(e)), num(letter | wide)));
    this.tellIf(both(get(x), num(wide)), 'event');
    asm.leaveIf('event', get(x));
    // Its first digits are enough to ask by: hashGate in `table.ts`.
    asm.set(this.hash, num(this.index.seed));
    for (const from of [0, 4, 8, 12]) this.step(either(wordOf(get(a), from), num(0x20202020)));
    this.ask(hashGate);
  }

  /** A bracket or a backslash stands before `at`: a mark begins or ends there. */
  private afterBracket(): void {
    const { asm, at, a } = this;
    asm.set(a, this.before(at));
    const next = either(byteOf(get(at)), num(32));
    const third = either(byteOf(get(at), 1), num(32));
    asm.when(this.is(get(a), '\\'), () => {
      this.tellIf(this.is(byteOf(get(at)), '.'));
      asm.leave('event');
    });
    asm.when(this.isAny(get(a), '])}'), () => {
      this.tellIf(this.isAny(either(this.before(at, 2), num(32)), '.t:/`'));
      asm.leave('event');
    });
    asm.leaveIf('event', both(this.is(next, 'd'), ne(third, byte('o'))));
    asm.leaveIf('event', both(this.is(next, 'a'), ne(third, byte('t'))));
    this.tell();
  }

  private event(): void {
    const { asm, at, a } = this;
    asm.block('event', () => {
      asm.set(a, this.before(at));
      asm.when(this.is(get(a), '.'), () => {
        this.dotted();
        asm.leave('event');
      });
      asm.when(this.is(get(a), ':'), () => {
        this.afterColon();
        asm.leave('event');
      });
      asm.when(atLeast(byteOf(get(a), classAt), num(word)), () => {
        this.hexRun();
        asm.leave('event');
      });
      this.afterBracket();
    });
  }

  /** `scan(from, limit)`: both are borders of words. The block before `from` is classified too, so that nothing is lost at the seam. */
  build(): Uint8Array<ArrayBuffer> {
    const { asm, p, at } = this;
    const [from, limit] = [0, 1];
    const body = new Assembler(0);
    asm.set(p, minus(get(from), num(64)));
    asm.set(this.found, num(0));
    asm.set(this.done, wordOf(num(doneAt)));
    asm.set(this.hexDone, num(0));
    asm.set(this.lines, wordOf(num(linesAt)));
    asm.set(this.valid, long(0n));
    asm.block('full', () => asm.loop('block', () => {
      this.classify();
      this.gather();
      asm.set(this.events, and64(get(this.events), get(this.valid)));
      asm.set(this.lineBits, and64(get(this.lineBits), get(this.valid)));
      asm.block('none', () => asm.loop('next', () => {
        asm.leaveIf('none', isZero64(get(this.events)));
        asm.set(at, plus(get(p), narrow64(lowest64(get(this.events)))));
        this.event();
        asm.set(this.events, and64(get(this.events), minus64(get(this.events), long(1n))));
        asm.leave('next');
      }));
      asm.set(this.lines, plus(get(this.lines), narrow64(count64(get(this.lineBits)))));
      asm.add(p, 64);
      asm.set(this.valid, long(-1n));
      asm.leaveIf('full', atLeast(get(p), get(limit)));
      asm.when(below(minus(get(limit), get(p)), num(64)), () =>
        asm.set(this.valid, minus64(left64(long(1n), wide64(minus(get(limit), get(p)))), long(1n))));
      asm.leaveIf('full', atLeast(get(this.found), num(outMost - 64)));
      asm.leave('block');
    }));
    asm.put(putWord(num(foundAt), get(this.found)), putWord(num(nextAt), get(p)), putWord(num(doneAt), get(this.done)), putWord(num(linesAt), get(this.lines)));
    for (const [code, local] of this.constants) body.put(everywhere(code), [0x21, local]);
    const pages = Math.ceil((filterAt + this.index.filter.byteLength) / 65_536);
    return moduleOf([{ name: 'scan', takes: 2, locals: asm.types, body: [...body.code, ...asm.code] }], pages);
  }
}

/** The bytes of the program for a sealed index. */
export const programOf = (index: MatchIndex): Uint8Array<ArrayBuffer> => new Program(index).build();
