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

/** From the commonest byte of code to the rarest; what is not here is rarer still. */
const common = ' etnrisoacdlu_pmfg\t0;,()hbv->1=*x2k.&w"y345/678z9jq{}:<[]\'!+|#%@^~$?`\\ETNRISOACDLUPMFGHBVXKWYZJQ';
const frequency: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const rank = common.indexOf(String.fromCharCode(byte));
  return rank < 0 ? 0 : common.length - rank;
});

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

/** Where an anchor stands in some bytes, by looking for its rarest byte. */
export class Finder {
  readonly anchor: Anchor;
  private readonly rare: number;
  private readonly wanted: readonly number[];

  constructor(anchor: Anchor) {
    this.anchor = anchor;
    const { bytes, folds } = anchor;
    const rank = (i: number): number => {
      const byte = bytes[i] as number;
      return (frequency[byte] as number) + (folds[i] ? frequency[byte - 32] as number : 0);
    };
    this.rare = Array.from(bytes.keys()).reduce((best, i) => (rank(i) < rank(best) ? i : best), 0);
    const byte = bytes[this.rare] as number;
    this.wanted = folds[this.rare] ? [byte, byte - 32] : [byte];
  }

  /** The first place from `from` on at which it begins and ends before `to`, or -1. */
  next(bytes: Uint8Array, from: number, to: number): number {
    const last = to - this.anchor.bytes.length + this.rare;
    const at = this.wanted.map((byte) => bytes.indexOf(byte, from + this.rare));
    for (;;) {
      let nearest = -1;
      for (let i = 0; i < at.length; i++) {
        const place = at[i] as number;
        if (place >= 0 && place <= last && (nearest < 0 || place < (at[nearest] as number))) nearest = i;
      }
      if (nearest < 0) return -1;
      const place = at[nearest] as number;
      if (this.standsAt(bytes, place - this.rare)) return place - this.rare;
      at[nearest] = bytes.indexOf(this.wanted[nearest] as number, place + 1);
    }
  }

  private standsAt(bytes: Uint8Array, from: number): boolean {
    const { bytes: wanted, folds } = this.anchor;
    for (let i = 0; i < wanted.length; i++) if (((bytes[from + i] as number) | (folds[i] as number)) !== wanted[i]) return false;
    return true;
  }
}
