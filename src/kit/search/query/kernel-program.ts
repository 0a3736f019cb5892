/**
 * The WebAssembly program of the kernel, and where its memory lies. It is written here and compiled when it is started, so there is no
 * binary to trust.
 *
 * `find…(from, last)`: the first address from `from` to `last` at which the shape stands, or -1, at `foundAt`. `count…`: how many lines hold it,
 * there. `walk…`: of the lines that hold it, or of all, how many the automaton says match, there; it stops where its table lacks an entry, and
 * goes on there when it is called again with the same words.
 */
import { and, get, i32, load, minus, moduleOf, num, or, plus, set, v128, type Code } from '#kit/hash/wasm';
import {
  and64, Assembler, below, bits16, both, byteOf, differ16, down16, eq, equal16, everywhere, i64, isZero64, left32, left64, long, lookUp16, lowest32, lowest64,
  minus64, narrow64, ne, not, or64, putWord, right32, wide64, wordOf,
} from '#kit/match/assembler';
import { noMore, notThere } from '../regex/automaton.ts';
import { lineFeed } from '../regex/syntax.ts';

/** Where the two places stand, what was found, and how many places there are to look at then, eight bytes each. */
export const [firstPlaceAt, secondPlaceAt, foundAt, stepsAt] = [0, 4, 8, 12] as const;
/** Of each of the two: as a byte and its fold, and as two tables of 16 bytes. */
export const [bytesAt, tablesAt] = [16, 32] as const;
/** Of a walk: whether it stopped, the address and the state there, and the state that begins a line. */
export const [stoppedAt, addressAt, stateAt, lineStateAt] = [96, 100, 104, 108] as const;
/** Each further place: where it stands, and where its table of 256 bytes lies. */
export const placesAt = 128;
/** Places and different sets of a shape that it looks at. */
export const [mostPlaces, mostSets] = [260, 64];
export const setsAt: number = placesAt + mostPlaces * 8;
/** The classes of the automaton, a byte each, and its table. */
export const classesAt: number = setsAt + mostSets * 256;
export const tableAt: number = classesAt + 256;
export const mostEntries: number = 1 << 19;
/** A line feed stands before the text. */
export const textAt: number = Math.ceil((tableAt + mostEntries * 4 + 1) / 64) * 64;
/** Text that is loaded at once. What is read behind it is memory, and not looked at. */
export const kernelBytes: number = 256 * 1024;
const stride = 64;
const pages = Math.ceil((textAt + kernelBytes + mostPlaces + stride * 2) / 65_536);

const everywhereOf = (at: number): Code => [...num(at), 0xfd, 7, 0, 0];
const isAny = (value: Code): Code => [...value, 0xfd, 83];

/** Whether each of 16 bytes may stand at one of the two places. */
type Test = (text: Code) => Code;

/** A byte, or a letter in either case. */
function byteTest(asm: Assembler, number: number): Test {
  const [byte, fold] = [asm.local(v128), asm.local(v128)];
  asm.set(byte, everywhereOf(bytesAt + number * 2));
  asm.set(fold, everywhereOf(bytesAt + number * 2 + 1));
  return (text) => equal16(or(text, get(fold)), get(byte));
}

/** A set, told by the two halves of a byte: what its high half has in common with its low half. */
function setTest(asm: Assembler, number: number): Test {
  const [low, high, bytes] = [asm.local(v128), asm.local(v128), asm.local(v128)];
  asm.set(low, load(num(tablesAt + number * 32)));
  asm.set(high, load(num(tablesAt + number * 32 + 16)));
  const halves = (): Code => and(lookUp16(get(low), and(get(bytes), everywhere(15))), lookUp16(get(high), down16(get(bytes), 4)));
  return (text) => [...set(bytes, text), ...differ16(halves(), everywhere(0))];
}

type TestOf = (asm: Assembler, number: number) => Test;
const [from, last] = [0, 1];

/** Leaves `none` where the shape stands nowhere, and calls `found` with the address at which it stands. */
function seek(asm: Assembler, testOf: TestOf): (none: string, found: (at: number) => void) => void {
  const [one, two, at, step, steps] = [asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32)];
  const hits = [asm.local(v128), asm.local(v128), asm.local(v128), asm.local(v128)] as const;
  const bits = asm.local(i64);
  const tests = [testOf(asm, 0), testOf(asm, 1)] as const;
  asm.set(one, wordOf(num(firstPlaceAt)));
  asm.set(two, wordOf(num(secondPlaceAt)));
  asm.set(steps, wordOf(num(stepsAt)));
  const stands = (place: number, test: Test, quarter: number): Code => test(load(plus(get(from), get(place)), quarter * 16));
  return (none, found) => asm.loop('stride', () => {
    asm.leaveIf(none, below(get(last), get(from)));
    hits.forEach((hit, quarter) => asm.set(hit, and(stands(one, tests[0], quarter), stands(two, tests[1], quarter))));
    asm.when(isAny(or(or(get(hits[0]), get(hits[1])), or(get(hits[2]), get(hits[3])))), () => {
      asm.set(bits, hits.map((hit, quarter) => left64(wide64(bits16(get(hit))), long(BigInt(quarter * 16)))).reduce((a, b) => or64(a, b)));
      asm.loop('bit', () => {
        asm.set(at, plus(get(from), narrow64(lowest64(get(bits)))));
        asm.leaveIf(none, below(get(last), get(at)));
        asm.set(step, num(0));
        asm.block('no', () => {
          asm.while(below(get(step), get(steps)), () => {
            const byte = byteOf(plus(get(at), wordOf(get(step), placesAt)));
            asm.leaveIf('no', not(byteOf(plus(byte, wordOf(get(step), placesAt + 4)))));
            asm.add(step, 8);
          });
          found(at);
        });
        asm.set(bits, and64(get(bits), minus64(get(bits), long(1n))));
        asm.leaveIf('bit', not(isZero64(get(bits))));
      });
    });
    asm.add(from, stride);
    asm.leave('stride');
  });
}

/** Moves an address on to the next line feed, which may stand there. */
function toFeed(asm: Assembler, address: number, mask: number): void {
  asm.block('fed', () => asm.loop('feed', () => {
    asm.set(mask, bits16(equal16(load(get(address)), everywhere(lineFeed))));
    asm.when(get(mask), () => {
      asm.set(address, plus(get(address), lowest32(get(mask))));
      asm.leave('fed');
    });
    asm.add(address, 16);
    asm.leave('feed');
  }));
}

function finding(testOf: TestOf): Assembler {
  const asm = new Assembler(2);
  const next = seek(asm, testOf);
  asm.put(putWord(num(foundAt), num(-1)));
  asm.block('end', () => next('end', (at) => {
    asm.put(putWord(num(foundAt), minus(get(at), num(textAt))));
    asm.leave('end');
  }));
  return asm;
}

function counting(testOf: TestOf): Assembler {
  const asm = new Assembler(2);
  const [lines, mask] = [asm.local(i32), asm.local(i32)];
  const next = seek(asm, testOf);
  asm.block('end', () => asm.loop('line', () => next('end', (at) => {
    asm.add(lines, 1);
    asm.set(from, get(at));
    toFeed(asm, from, mask);
    asm.leave('line');
  })));
  asm.put(putWord(num(foundAt), get(lines)));
  return asm;
}

/** Without a test every line from `from` to `last` is walked. */
function walking(testOf: TestOf | null): Assembler {
  const asm = new Assembler(2);
  const [address, state, entry, lines, mask] = [asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32), asm.local(i32)];
  const next = testOf && seek(asm, testOf);
  asm.set(lines, wordOf(num(foundAt)));
  asm.set(address, wordOf(num(addressAt)));
  asm.set(state, wordOf(num(stateAt)));
  asm.block('end', () => asm.loop('line', () => {
    asm.block('begun', () => {
      asm.leaveIf('begun', wordOf(num(stoppedAt)));
      asm.set(state, wordOf(num(lineStateAt)));
      if (!next) {
        asm.leaveIf('end', below(get(last), get(from)));
        asm.set(address, get(from));
        asm.leave('begun');
        return;
      }
      next('end', (at) => {
        asm.set(address, get(at));
        asm.while(ne(byteOf(minus(get(address), num(1))), num(lineFeed)), () => asm.add(address, -1));
        asm.leave('begun');
      });
    });
    asm.put(putWord(num(stoppedAt), num(0)));
    asm.block('told', () => asm.loop('byte', () => {
      asm.set(entry, wordOf(left32(plus(get(state), byteOf(byteOf(get(address)), classesAt)), num(2)), tableAt));
      asm.leaveIf('told', both(get(entry), num(1)));
      asm.set(state, right32(get(entry), num(1)));
      asm.add(address, 1);
      asm.leave('byte');
    }));
    asm.when(eq(get(entry), num(notThere)), () => {
      asm.put(putWord(num(stoppedAt), num(1)), putWord(num(addressAt), get(address)), putWord(num(stateAt), get(state)));
      asm.leave('end');
    });
    asm.set(lines, plus(get(lines), ne(get(entry), num(noMore))));
    asm.set(from, get(address));
    toFeed(asm, from, mask);
    if (!next) asm.add(from, 1);
    asm.leave('line');
  }));
  asm.put(putWord(num(foundAt), get(lines)));
  return asm;
}

export function kernelProgram(): Uint8Array<ArrayBuffer> {
  const functions = {
    findBytes: finding(byteTest), countBytes: counting(byteTest), walkBytes: walking(byteTest),
    findSets: finding(setTest), countSets: counting(setTest), walkSets: walking(setTest), walkAll: walking(null),
  };
  return moduleOf(Object.entries(functions).map(([name, asm]) => ({ name, takes: 2, locals: asm.types, body: asm.code })), pages);
}
