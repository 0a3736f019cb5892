/**
 * The longest text that every match of a pattern holds: bytes in a row, letters perhaps in either case. Where there is one, bytes are
 * searched for it, and only the lines are tried that hold it between bytes that may stand beside it.
 */
import { bothCases, bytesIn, setOf, type ByteSet, type Pattern } from '../regex/syntax.ts';

export interface Anchor {
  /** In lower case where either case will do. */
  readonly bytes: Uint8Array;
  /** 0x20 where either case will do, else 0. */
  readonly folds: Uint8Array;
  /** Whether nothing else is asked for: what holds it matches. */
  readonly whole: boolean;
  /** Which bytes stand right before it in every match, from it outwards, and right behind it. */
  readonly before: readonly ByteSet[];
  readonly after: readonly ByteSet[];
}

/** A byte, or a letter in either case; null where the set is anything else. */
function single(set: ByteSet): { byte: number; fold: number } | null {
  const bytes = bytesIn(set);
  if (bytes.length === 1) return { byte: bytes[0] as number, fold: 0 };
  const [upper, lower] = bytes as [number, number];
  return bytes.length === 2 && bothCases(setOf([lower, lower])).every((bits, i) => bits === set[i]) && upper + 32 === lower ? { byte: lower, fold: 32 } : null;
}

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
const unknown: Pattern = { kind: 'choice', parts: [] };
const mostParts = 256;
/** Sets beside an anchor that are looked at on either side. */
const mostBeside = 20;

/** From a place on, in one direction: sets, until something else comes. Places take no byte. */
function beside(parts: readonly Pattern[], from: number, step: 1 | -1): ByteSet[] {
  const out: ByteSet[] = [];
  for (let at = from; out.length < mostBeside; at += step) {
    const part = parts[at];
    if (part?.kind === 'set') out.push(part.bytes);
    else if (part?.kind !== 'place') return out;
  }
  return out;
}

export function anchorOf(pattern: Pattern): Anchor | null {
  const parts = flat(pattern);
  let best: { byte: number; fold: number }[] = [];
  let [bestFrom, bestTo] = [0, 0];
  let run: { byte: number; fold: number }[] = [];
  let runFrom = 0;
  [...parts, unknown].forEach((part, i) => {
    // A place takes no byte: what stands around it stands together.
    if (part.kind === 'place') return;
    const found = part.kind === 'set' ? single(part.bytes) : null;
    if (found) {
      if (run.length === 0) runFrom = i;
      run.push(found);
      return;
    }
    if (run.length > best.length) [best, bestFrom, bestTo] = [run, runFrom, i];
    run = [];
  });
  if (best.length === 0) return null;
  return {
    bytes: Uint8Array.from(best, ({ byte }) => byte), folds: Uint8Array.from(best, ({ fold }) => fold),
    whole: best.length === parts.length && parts.every(({ kind }) => kind === 'set'),
    before: beside(parts, bestFrom - 1, -1), after: beside(parts, bestTo, 1),
  };
}
