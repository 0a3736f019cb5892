/**
 * The longest text that every match of a pattern holds: bytes in a row, letters perhaps in either case. Where there is one, bytes are
 * searched for it, and only the lines that hold it are tried.
 */
import { bothCases, bytesIn, setOf, type ByteSet, type Pattern } from '../regex/syntax.ts';

export interface Anchor {
  /** In lower case where either case will do. */
  readonly bytes: Uint8Array;
  /** 0x20 where either case will do, else 0. */
  readonly folds: Uint8Array;
  /** Whether nothing else is asked for: what holds it matches. */
  readonly whole: boolean;
}

/** A byte, or a letter in either case; null where the set is anything else. */
function single(set: ByteSet): { byte: number; fold: number } | null {
  const bytes = bytesIn(set);
  if (bytes.length === 1) return { byte: bytes[0] as number, fold: 0 };
  const [upper, lower] = bytes as [number, number];
  return bytes.length === 2 && bothCases(setOf([lower, lower])).every((bits, i) => bits === set[i]) && upper + 32 === lower ? { byte: lower, fold: 32 } : null;
}

/** The parts that stand in a row whatever the match is. */
function flat(pattern: Pattern): readonly Pattern[] {
  if (pattern.kind === 'row') return pattern.parts.flatMap(flat);
  // What is repeated stands there once at least, with something unknown on one side of it.
  if (pattern.kind === 'repeat' && pattern.least > 0) return [unknown, ...flat(pattern.part), unknown];
  return [pattern];
}
const unknown: Pattern = { kind: 'choice', parts: [] };

export function anchorOf(pattern: Pattern): Anchor | null {
  const parts = flat(pattern);
  let best: { byte: number; fold: number }[] = [];
  let run: { byte: number; fold: number }[] = [];
  for (const part of [...parts, unknown]) {
    // A place takes no byte: what stands around it stands together.
    if (part.kind === 'place') continue;
    const found = part.kind === 'set' ? single(part.bytes) : null;
    if (found) run.push(found);
    else {
      if (run.length > best.length) best = run;
      run = [];
    }
  }
  if (best.length === 0) return null;
  return {
    bytes: Uint8Array.from(best, ({ byte }) => byte), folds: Uint8Array.from(best, ({ fold }) => fold),
    whole: best.length === parts.length && parts.every(({ kind }) => kind === 'set'),
  };
}
