/**
 * What every match of a pattern holds: sets of bytes in a row, the rarest such row that there is. Where there is one, bytes are searched
 * for it, and only the lines are tried that hold it. Often it says as much as the pattern does: then nothing is tried at all.
 */
import { addByte, bytesIn, emptySet, hasByte, lineFeed, negated, wordBytes, type ByteSet, type Pattern, type Place } from '../regex/syntax.ts';

export interface Shape {
  /** Of the bytes in a row. */
  readonly sets: readonly ByteSet[];
  /** Of the byte right before them, and right behind; in these the line feed stands for either end of the line. */
  readonly before: ByteSet | null;
  readonly after: ByteSet | null;
  /** Whether nothing else is asked for: a line that holds it matches, and a match ends where it ends. */
  readonly whole: boolean;
  /** Whether it is the match itself: where it first stands is the leftmost one. */
  readonly exact: boolean;
}

const mostParts = 256;
const unknown: Pattern = { kind: 'choice', parts: [] };

/** The parts that stand in a row whatever the match is; `unknown` is anything, also nothing. */
function flat(pattern: Pattern): readonly Pattern[] {
  if (pattern.kind === 'row') {
    const parts = pattern.parts.flatMap(flat);
    return parts.length > mostParts ? [unknown] : parts;
  }
  if (pattern.kind !== 'repeat' || pattern.least === 0) return [pattern];
  // As often as it stands there at least; further ones follow.
  const one = flat(pattern.part);
  const copies = Math.min(pattern.least, Math.floor(mostParts / Math.max(one.length, 1)));
  const all = Array.from({ length: copies }, () => one).flat();
  return copies === pattern.least && pattern.most === pattern.least ? all : [...all, unknown];
}

/** Where a pattern ends with repetitions, the least of them are enough: what matches with more of them matches with those too. */
function leastOf(pattern: Pattern, side: 'first' | 'last'): Pattern | null {
  if (pattern.kind === 'repeat') return pattern.least === 0 ? null : pattern.least === 1 ? leastOf(pattern.part, side) : { ...pattern, most: pattern.least };
  if (pattern.kind !== 'row') return pattern;
  const parts = [...pattern.parts];
  while (parts.length > 0) {
    const at = side === 'first' ? 0 : parts.length - 1;
    const least = leastOf(parts[at] as Pattern, side);
    if (least) {
      parts[at] = least;
      break;
    }
    parts.splice(at, 1);
  }
  return parts.length === 0 ? null : { ...pattern, parts };
}

/** About how often each byte stands in a hundred thousand of source code. */
const frequency: Float64Array = (() => {
  const table = new Float64Array(256).fill(1);
  for (const [bytes, times] of [
    [' ', 18_800], ['_', 7000], ['e', 4000], ['t\n\ti0', 2500], ['rnsSEadACTRcoI', 1800], ['DfPNLlMupOm,Fx', 1150], ['1G;()*h2gUv', 630], ['-b#=XHB/V3>', 440],
    ['kKY."w4yW685', 270], ['}{:&q7Q<9', 140], ['Zz[]+\\|%', 60], ['!@j\'', 30], ['$J~`?^', 8],
  ] as const) for (const byte of bytes) table[byte.charCodeAt(0)] = times;
  return table;
})();

/** About which share of all bytes is one of these. */
const shareOf = (set: ByteSet): number => bytesIn(set).reduce((sum, byte) => sum + (frequency[byte] as number), 0) / 1e5;

const withEnd = (set: ByteSet): ByteSet => {
  const out = set.slice();
  addByte(out, lineFeed);
  return out;
};
const lineEnd = withEnd(emptySet());
const word = wordBytes;
const noWord = negated(wordBytes);

/** What stands on the other side of a place, if a byte of this set stands on this one: before it, or behind it. Null where that is not one set. */
function across(place: Place, side: 'before' | 'after', set: ByteSet): ByteSet | null {
  const isWord = bytesIn(set).every((byte) => hasByte(word, byte));
  const isNone = bytesIn(set).every((byte) => !hasByte(word, byte));
  const same = isWord ? word : isNone ? noWord : null;
  const other = isWord ? noWord : isNone ? word : null;
  switch (place) {
    case 'line-start': return side === 'before' ? lineEnd : null;
    case 'line-end': return side === 'after' ? lineEnd : null;
    case 'word-border': return other;
    case 'no-word-border': return same;
    case 'word-start': return side === 'before' && isWord ? noWord : null;
    case 'word-end': return side === 'after' && isWord ? noWord : null;
    case 'no-word-before': return side === 'before' ? noWord : null;
    case 'no-word-after': return side === 'after' ? noWord : null;
  }
}

interface Run {
  readonly from: number;
  readonly sets: readonly ByteSet[];
  readonly before: ByteSet | null;
  readonly after: ByteSet | null;
  /** Whether the places at its ends are all told by `before` and `after`, and none stands within it. */
  readonly isTold: boolean;
  readonly to: number;
}

/** A row of sets from this part on; a place within it takes no byte. */
function runFrom(parts: readonly Pattern[], from: number): Run | null {
  let first = from;
  while (parts[first]?.kind === 'place') first++;
  const sets: ByteSet[] = [];
  let [last, to] = [first, first];
  for (; parts[to]?.kind === 'set' || parts[to]?.kind === 'place'; to++) {
    const part = parts[to] as Pattern;
    if (part.kind !== 'set') continue;
    sets.push(part.bytes);
    last = to;
  }
  if (sets.length === 0) return null;
  const told = (places: readonly Pattern[], side: 'before' | 'after', set: ByteSet): ByteSet | null => {
    const [place] = places;
    return places.length === 1 && place?.kind === 'place' ? across(place.place, side, set) : null;
  };
  const leading = parts.slice(from, first);
  const trailing = parts.slice(last + 1, to);
  const before = told(leading, 'before', sets[0] as ByteSet);
  const after = told(trailing, 'after', sets.at(-1) as ByteSet);
  const isTold = (leading.length === 0 || before !== null) && (trailing.length === 0 || after !== null) && last - first + 1 === sets.length;
  return { from, sets, before, after, isTold, to };
}

const rarityOf = ({ sets, before, after }: Run): number => [...sets, ...before ? [before] : [], ...after ? [after] : []]
  .reduce((sum, set) => sum + Math.log(Math.min(1, shareOf(set) + 1e-6)), 0);
/** A row that stands in about every other place tells nothing. */
const mostShare = Math.log(0.5);

/** The rarest row that every match holds; null where none is rare enough to be looked for. */
export function shapeOf(pattern: Pattern): Shape | null {
  const trimmed = leastOf(pattern, 'first');
  const least = trimmed && leastOf(trimmed, 'last');
  if (!least) return null;
  const parts = flat(least);
  let best: Run | null = null;
  for (let at = 0; at < parts.length;) {
    const run = runFrom(parts, at);
    at = run ? run.to : at + 1;
    if (run && (!best || rarityOf(run) < rarityOf(best))) best = run;
  }
  if (!best || rarityOf(best) > mostShare) return null;
  const { sets, before, after, isTold } = best;
  const whole = isTold && best.from === 0 && best.to === parts.length;
  return { sets, before, after, whole, exact: whole && sameParts(flat(pattern), parts) };
}

const sameParts = (a: readonly Pattern[], b: readonly Pattern[]): boolean => a.length === b.length && a.every((part, i) => part === b[i]);

/** The two places of a row that are looked at first: the rarest, and then those that stand the farthest from one another. */
export function rarestOf(sets: readonly ByteSet[]): readonly [number, number] {
  const shares = sets.map(shareOf);
  let best: readonly [number, number] = [0, 0];
  let least = Infinity;
  for (let a = 0; a < sets.length; a++) {
    for (let b = a; b < sets.length; b++) {
      const both = a === b ? shares[a] as number : (shares[a] as number) * (shares[b] as number);
      if (both < least * 0.999 || (both < least * 1.001 && b - a > best[1] - best[0])) [best, least] = [[a, b], Math.min(both, least)];
    }
  }
  return best;
}
