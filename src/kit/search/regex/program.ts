/**
 * A pattern as a small program of a machine that is in many places at once: it never goes back, so its work is at most the length of
 * the text times that of the program. Repetitions with counts are written out, which is why the program has a limit.
 */
import { patternRefusal } from './parse.ts';
import { everyByte, hasByte, wordBytes, type ByteSet, type Pattern, type Place } from './syntax.ts';

export const mostSteps = 5000;

export const op = { byte: 0, split: 1, place: 2, match: 3 } as const;

export interface Program {
  readonly ops: Uint8Array;
  /** Where a step goes on; of a split the way that is preferred. */
  readonly next: Uint16Array;
  /** The other way of a split; the number of the set of a byte step; of a place which it is. */
  readonly other: Uint16Array;
  readonly sets: readonly ByteSet[];
  readonly start: number;
  /** Whether it asks for line ends or words at all. */
  readonly hasPlaces: boolean;
}

export const placeNames = [
  'line-start', 'line-end', 'word-border', 'no-word-border', 'word-start', 'word-end', 'no-word-before', 'no-word-after',
] as const satisfies readonly Place[];

/** Read from its end, each place is another. */
const mirrored: Readonly<Record<Place, Place>> = {
  'line-start': 'line-end', 'line-end': 'line-start', 'word-border': 'word-border', 'no-word-border': 'no-word-border',
  'word-start': 'word-end', 'word-end': 'word-start', 'no-word-before': 'no-word-after', 'no-word-after': 'no-word-before',
};

/** Steps that the pattern takes, at least one each, so that what is empty cannot be repeated without end either. */
export function stepsOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'set': case 'place': return 1;
    case 'row': return pattern.parts.reduce((sum, part) => sum + stepsOf(part), 1);
    case 'choice': return pattern.parts.reduce((sum, part) => sum + stepsOf(part) + 1, 0);
    case 'repeat': {
      const times = pattern.most === Infinity ? pattern.least + 1 : pattern.most;
      return 1 + times * (stepsOf(pattern.part) + 1);
    }
  }
}

class Writer {
  readonly ops: number[] = [];
  readonly next: number[] = [];
  readonly other: number[] = [];
  readonly sets: ByteSet[] = [];
  private readonly setNumbers = new Map<string, number>();
  private readonly backwards: boolean;

  constructor(backwards: boolean) {
    this.backwards = backwards;
  }

  step(kind: number, next: number, other: number): number {
    this.ops.push(kind);
    this.next.push(next);
    this.other.push(other);
    return this.ops.length - 1;
  }

  setNumber(set: ByteSet): number {
    const key = set.join();
    const known = this.setNumbers.get(key);
    if (known !== undefined) return known;
    this.sets.push(set);
    this.setNumbers.set(key, this.sets.length - 1);
    return this.sets.length - 1;
  }

  /** Writes the pattern before what is already there, and says where it begins. */
  before(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case 'set': return this.step(op.byte, next, this.setNumber(pattern.bytes));
      case 'place': return this.step(op.place, next, placeNames.indexOf(this.backwards ? mirrored[pattern.place] : pattern.place));
      case 'row': {
        const parts = this.backwards ? pattern.parts : pattern.parts.toReversed();
        return parts.reduce((at, part) => this.before(part, at), next);
      }
      case 'choice': {
        const ways = pattern.parts.map((part) => this.before(part, next));
        return ways.reduceRight((rest, way) => this.step(op.split, way, rest));
      }
      case 'repeat': return this.repeat(pattern, next);
    }
  }

  repeat({ part, least, most, greedy }: Pattern & { kind: 'repeat' }, next: number): number {
    const split = (again: number, on: number): number => (greedy ? this.step(op.split, again, on) : this.step(op.split, on, again));
    let at = next;
    if (most === Infinity) {
      const loop = this.step(op.split, next, next);
      const body = this.before(part, loop);
      if (greedy) this.next[loop] = body;
      else this.other[loop] = body;
      at = loop;
    } else for (let i = least; i < most; i++) at = split(this.before(part, at), next);
    for (let i = 0; i < least; i++) at = this.before(part, at);
    return at;
  }
}

/** Whether every match begins where its line does. */
function startsLine(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'set': return false;
    case 'place': return pattern.place === 'line-start';
    case 'row': {
      const first = pattern.parts.findIndex((part) => part.kind !== 'place' || startsLine(part));
      return first >= 0 && startsLine(pattern.parts[first] as Pattern);
    }
    case 'choice': return pattern.parts.length > 0 && pattern.parts.every(startsLine);
    case 'repeat': return pattern.least > 0 && startsLine(pattern.part);
  }
}

/** `anywhere` begins at every byte, the earliest preferred; `backwards` reads from a match's end to its start. */
export function compile(pattern: Pattern, way: 'anywhere' | 'backwards'): Program {
  if (stepsOf(pattern) > mostSteps) {
    throw patternRefusal('too-large', `Written out, the pattern has more than ${mostSteps} steps.`, 0, 'Use smaller counts.');
  }
  const writer = new Writer(way === 'backwards');
  let start = writer.before(pattern, writer.step(op.match, 0, 0));
  if (way === 'anywhere' && !startsLine(pattern)) {
    const skip = writer.step(op.byte, 0, writer.setNumber(everyByte));
    start = writer.step(op.split, start, skip);
    writer.next[skip] = start;
  }
  return {
    ops: Uint8Array.from(writer.ops), next: Uint16Array.from(writer.next), other: Uint16Array.from(writer.other), sets: writer.sets, start,
    hasPlaces: writer.ops.includes(op.place),
  };
}

/** Bytes that no set of the program tells apart share a class; the last class is the end of the line. */
export interface ByteClasses {
  readonly of: Uint16Array;
  readonly count: number;
  /** One byte of each class but the last. */
  readonly sample: readonly number[];
}

export function classesOf(program: Program): ByteClasses {
  const sets = program.hasPlaces ? [...program.sets, wordBytes] : program.sets;
  const of = new Uint16Array(256);
  const sample: number[] = [];
  const known = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    if (byte === 10) continue;
    const key = sets.map((set) => (hasByte(set, byte) ? 1 : 0)).join('');
    let number = known.get(key);
    if (number === undefined) {
      number = sample.push(byte) - 1;
      known.set(key, number);
    }
    of[byte] = number;
  }
  of[10] = sample.length;
  return { of, count: sample.length + 1, sample };
}
