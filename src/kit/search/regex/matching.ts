/**
 * What searching asks of a pattern: which lines of some bytes it matches, fed in pieces of any size, and where in a line the first match
 * stands: the leftmost one, as the pattern prefers it.
 */
import { Automaton, noMore, notThere } from './automaton.ts';
import { compile, type Program } from './program.ts';
import { lineFeed, type Pattern } from './syntax.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}

export class Matching {
  private readonly pattern: Pattern;
  private readonly program: Program;
  private readonly entries: number | undefined;
  /** Made when a line is first tried: many a pattern is told by what it holds. */
  private walked: Automaton | null = null;
  /** Made when a place is first asked for: from the front to the match's end, and from there back to its start. */
  private finders: readonly [Automaton, Automaton] | null = null;
  /** Where the line scan stands: a state of the automaton, or -1 within a line of which nothing more is to be told. */
  private state = -1;

  constructor(pattern: Pattern, entries?: number) {
    this.pattern = pattern;
    this.program = compile(pattern, 'anywhere');
    this.entries = entries;
  }

  /** What tells whether a line matches. */
  get forward(): Automaton {
    this.walked ??= new Automaton(this.program, { prefers: 'first', ...(this.entries === undefined ? {} : { entries: this.entries }) });
    return this.walked;
  }

  /** What was walked so far, for a budget. */
  get work(): number {
    return (this.walked?.work ?? 0) + (this.finders ? this.finders[0].work + this.finders[1].work : 0);
  }

  /** The next bytes begin a line. */
  begin(): void {
    this.state = this.forward.startAfter(null);
  }

  /**
   * Reads on and calls `matched` once for each line that has a match, with a place that lies in the line or at its line feed. The line's end
   * is a line feed; `end` closes a last line that has none.
   */
  feed(bytes: Uint8Array, from: number, to: number, matched: (at: number) => void): void {
    const { forward } = this;
    const { of, count } = forward.classes;
    let { table } = forward;
    let { state } = this;
    let at = from;
    while (at < to) {
      if (state < 0) {
        const end = bytes.indexOf(lineFeed, at);
        if (end < 0 || end >= to) break;
        at = end + 1;
        state = forward.startAfter(null);
        ({ table } = forward);
        continue;
      }
      // Nearly all bytes are of this kind: nothing is new, nothing has matched.
      let entry = table[state + (of[bytes[at] as number] as number)] as number;
      while ((entry & 1) === 0) {
        state = entry >> 1;
        if (++at === to) break;
        entry = table[state + (of[bytes[at] as number] as number)] as number;
      }
      if (at === to) break;
      const symbol = of[bytes[at] as number] as number;
      if (entry === notThere) {
        entry = forward.next(state, symbol);
        ({ table } = forward);
      }
      if (entry === noMore) state = -1;
      else {
        if ((entry & 1) === 1) matched(at);
        // At the line feed the next line begins at once.
        state = (entry & 1) === 0 || symbol === count - 1 ? entry >> 1 : -1;
      }
      at++;
    }
    this.state = state;
  }

  /** Whether the last line, which has no line feed and holds at least one byte, has a match that `feed` has not told of. */
  end(): boolean {
    const { state } = this;
    return state >= 0 && (this.forward.next(state, this.forward.classes.count - 1) & 1) === 1;
  }

  /** Whether this one line has a match. */
  test(line: Uint8Array): boolean {
    let found = false;
    this.begin();
    this.feed(line, 0, line.length, () => {
      found = true;
    });
    return found || this.end();
  }

  /** The first match of the line that these bytes are, from `after` on. */
  first(line: Uint8Array, after = 0): Span | null {
    const to = run(this.both()[0], line, after, line.length, 1);
    return to < 0 ? null : this.endingAt(line, to, after);
  }

  /** The longest match that ends there and begins at `after` or behind it; null where none does. */
  endingAt(line: Uint8Array, to: number, after = 0): Span | null {
    const from = run(this.both()[1], line, to, after, -1);
    return from < 0 ? null : { from, to };
  }

  private both(): readonly [Automaton, Automaton] {
    this.finders ??= [
      new Automaton(compile(this.pattern, 'anywhere'), { prefers: 'first' }), new Automaton(compile(this.pattern, 'backwards'), { prefers: 'longest' }),
    ];
    return this.finders;
  }
}

/** The last place at which a match is known, walking from one place to another; -1 for none. */
function run(automaton: Automaton, line: Uint8Array, from: number, to: number, step: 1 | -1): number {
  const { of, count } = automaton.classes;
  const beside = (at: number): number | null => line[step === 1 ? at - 1 : at] ?? null;
  let state = automaton.startAfter(beside(from));
  let found = -1;
  const take = (at: number, symbol: number): void => {
    let entry = automaton.table[state + symbol] as number;
    if (entry === notThere) entry = automaton.next(state, symbol);
    if (entry !== noMore && (entry & 1) === 1) found = at;
    state = entry === noMore ? -1 : entry >> 1;
  };
  let at = from;
  for (; at !== to && state >= 0 && !automaton.isDead(state); at += step) take(at, of[line[step === 1 ? at : at - 1] as number] as number);
  if (at !== to || state < 0) return found;
  const next = line[step === 1 ? at : at - 1];
  take(at, next === undefined ? count - 1 : of[next] as number);
  return found;
}
