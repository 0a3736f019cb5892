/**
 * Runs a program over bytes: each set of places that it can be in becomes a state when it is first met, and is looked up from then on. The
 * table is bounded and emptied when it is full; what is not in it costs one walk over the program, so time stays linear in the text
 * whatever the pattern is.
 */
import { classesOf, op, placeNames, type ByteClasses, type Program } from './program.ts';
import { hasByte, lineFeed, wordBytes, type Place } from './syntax.ts';

/** What stands on one side of a place. */
const border = { end: 0, word: 1, other: 2 } as const;

const holds: Readonly<Record<Place, (before: number, after: number) => boolean>> = {
  'line-start': (before) => before === border.end,
  'line-end': (_, after) => after === border.end,
  'word-border': (before, after) => (before === border.word) !== (after === border.word),
  'no-word-border': (before, after) => (before === border.word) === (after === border.word),
  'word-start': (before, after) => before !== border.word && after === border.word,
  'word-end': (before, after) => before === border.word && after !== border.word,
  'no-word-before': (before) => before !== border.word,
  'no-word-after': (_, after) => after !== border.word,
};

const isWord = (byte: number): boolean => hasByte(wordBytes, byte);

/** A state: its places in the order of preference, and what stood before. */
interface State {
  readonly places: Uint16Array;
  readonly before: number;
}

const none: State = { places: new Uint16Array(0), before: border.other };

export interface AutomatonOptions {
  /** A found match ends what is less preferred (leftmost, as written), or all go on (longest). */
  readonly prefers: 'first' | 'longest';
  /** Entries of the table, four bytes each. */
  readonly entries?: number;
}

/**
 * The table's entry is where the next state begins, twice, plus one if a match ended before the byte that was read: a match is known
 * when one has seen what follows it. An entry that is not there yet is 1, and one after which nothing can match in this line is 3: no state
 * begins at 1.
 */
export const [notThere, noMore] = [1, 3];


export class Automaton {
  table: Int32Array;
  readonly classes: ByteClasses;
  /** Walks over the program so far, in places: what a budget counts. */
  work = 0;
  /** How often the table was full. */
  emptied = 0;
  private readonly program: Program;
  private readonly first: boolean;
  private readonly most: number;
  /** The first is none, so that no entry with a match is 1. */
  private states: State[] = [none];
  private readonly numbers = new Map<string, number>();
  /** Marks what a walk has met. */
  private readonly met: Uint32Array;
  private round = 0;
  private readonly stack: number[] = [];
  /** The state before a line, once it is known. */
  private lineStart = -1;

  constructor(program: Program, { prefers, entries = 1 << 19 }: AutomatonOptions) {
    this.program = program;
    this.first = prefers === 'first';
    this.classes = classesOf(program);
    this.most = Math.max(entries, this.classes.count * 8);
    this.table = new Int32Array(Math.min(this.most, this.classes.count * 16)).fill(notThere);
    this.met = new Uint32Array(program.ops.length);
  }

  /** The state before the first byte; `before` is what stands there: a line's border, or a byte. */
  startAfter(before: number | null): number {
    if (before === null && this.lineStart >= 0) return this.lineStart;
    this.round++;
    const out: number[] = [];
    this.reach(this.program.start, out, null);
    const number = this.numberOf({ places: Uint16Array.from(out), before: this.borderOf(before) });
    if (before === null) this.lineStart = number;
    return number;
  }

  /** Entries of the table that are in use. */
  get used(): number {
    return this.states.length * this.classes.count;
  }

  /** What follows on a class in a state, and is not in the table: never 1. */
  next(state: number, symbol: number): number {
    const { count, sample } = this.classes;
    const { places, before } = this.states[state / count] as State;
    const byte = symbol === count - 1 ? null : sample[symbol] as number;
    const { after, matched } = this.walk(places, before, byte);
    const emptied = this.emptied;
    const isLast = byte !== null && !matched && after.length === 0;
    const to = byte === null ? this.startAfter(null) : isLast ? 0 : this.numberOf({ places: after, before: this.borderOf(byte) });
    const entry = isLast ? noMore : to * 2 + (matched ? 1 : 0);
    // The state's row is gone with the table; the next look fills it again.
    if (emptied === this.emptied) this.table[state + symbol] = entry;
    return entry;
  }

  /** Whether nothing can come any more. */
  isDead(state: number): boolean {
    return (this.states[state / this.classes.count] as State).places.length === 0;
  }

  private borderOf(byte: number | null): number {
    if (!this.program.hasPlaces) return border.other;
    if (byte === null || byte === lineFeed) return border.end;
    return isWord(byte) ? border.word : border.other;
  }

  /** One byte, or the line's end: without any table. */
  private walk(places: Uint16Array, before: number, byte: number | null): { after: Uint16Array; matched: boolean } {
    const { ops, next, other, sets } = this.program;
    const sides = [before, this.borderOf(byte)] as const;
    const here: number[] = [];
    this.round++;
    for (const place of places) this.reach(place, here, sides);
    const out: number[] = [];
    let matched = false;
    this.round++;
    for (const place of here) {
      if (ops[place] === op.match) {
        matched = true;
        if (this.first) break;
      } else if (byte !== null && ops[place] === op.byte && hasByte(sets[other[place] as number] as Uint32Array, byte)) {
        this.reach(next[place] as number, out, null);
      }
    }
    this.work += here.length + out.length + 1;
    return { after: Uint16Array.from(out), matched };
  }

  /** Adds where one gets from here without a byte, in order of preference. Places wait until both of their sides are known. */
  private reach(from: number, out: number[], sides: readonly [number, number] | null): void {
    const { ops, next, other } = this.program;
    const { met, stack, round } = this;
    stack.push(from);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (met[at] === round) continue;
      met[at] = round;
      this.work++;
      const kind = ops[at];
      if (kind === op.split) stack.push(other[at] as number, next[at] as number);
      else if (kind === op.place && sides) {
        if (holds[placeNames[other[at] as number] as Place](sides[0], sides[1])) stack.push(next[at] as number);
      } else out.push(at);
    }
  }

  private numberOf(state: State): number {
    const key = String.fromCharCode(state.before, ...state.places);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const { count } = this.classes;
    if ((this.states.length + 1) * count > this.most) {
      this.states = [none];
      this.numbers.clear();
      this.lineStart = -1;
      this.table.fill(notThere);
      this.emptied++;
    }
    const number = this.states.push(state) * count - count;
    if (number + count > this.table.length) {
      const larger = new Int32Array(Math.min(this.most, this.table.length * 2)).fill(notThere);
      larger.set(this.table);
      this.table = larger;
    }
    this.numbers.set(key, number);
    return number;
  }
}
