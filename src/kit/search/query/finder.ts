/**
 * Finds where an anchor stands in some bytes, by looking for its rarest bytes first. This is the plain way; `kernel.ts` does the same with
 * sixteen bytes at a time, and gives the same places.
 */
import { hasByte, type ByteSet } from '../regex/syntax.ts';
import type { Anchor } from './anchor.ts';

/** Used without a pause between `load` and the last `next`: whoever loads next takes its place. */
export interface Finder {
  readonly anchor: Anchor;
  load(bytes: Uint8Array): void;
  /** The first place from `from` on at which the anchor stands, or -1. */
  next(from: number): number;
}

/** From the commonest byte of code to the rarest; what is not here is rarer still. */
const common = ' etnrisoacdlu_pmfg\t0;,()hbv->1=*x2k.&w"y345/678z9jq{}:<[]\'!+|#%@^~$?`\\ETNRISOACDLUPMFGHBVXKWYZJQ';
const frequency: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const rank = common.indexOf(String.fromCharCode(byte));
  return rank < 0 ? 0 : common.length - rank;
});

/** How common what stands at a place of the anchor is. */
export function rankOf({ bytes, folds }: Anchor, place: number): number {
  const byte = bytes[place] as number;
  return (frequency[byte] as number) + (folds[place] ? frequency[byte - 32] as number : 0);
}

/** Places of the anchor, the rarest first. */
export function byRarity(anchor: Anchor): number[] {
  return Array.from(anchor.bytes.keys()).sort((a, b) => rankOf(anchor, a) - rankOf(anchor, b) || a - b);
}

export function standsAt({ bytes: wanted, folds }: Anchor, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < wanted.length; i++) if (((bytes[from + i] as number) | (folds[i] as number)) !== wanted[i]) return false;
  return true;
}

/** Whether what stands beside the anchor may stand there; it lies within one line, so within these bytes. */
export function isBeside({ bytes: anchor, before, after }: Anchor, bytes: Uint8Array, from: number): boolean {
  const behind = from + anchor.length;
  for (let i = 0; i < after.length; i++) {
    const byte = bytes[behind + i];
    if (byte === undefined || !hasByte(after[i] as ByteSet, byte)) return false;
  }
  for (let i = 0; i < before.length; i++) {
    const byte = bytes[from - 1 - i];
    if (byte === undefined || !hasByte(before[i] as ByteSet, byte)) return false;
  }
  return true;
}

export class PlainFinder implements Finder {
  readonly anchor: Anchor;
  private readonly rare: number;
  private readonly wanted: readonly number[];
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(anchor: Anchor) {
    this.anchor = anchor;
    this.rare = byRarity(anchor)[0] as number;
    const byte = anchor.bytes[this.rare] as number;
    this.wanted = anchor.folds[this.rare] ? [byte, byte - 32] : [byte];
  }

  load(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  next(from: number): number {
    const { bytes, anchor, rare } = this;
    const last = bytes.length - anchor.bytes.length + rare;
    const at = this.wanted.map((byte) => bytes.indexOf(byte, from + rare));
    for (;;) {
      let nearest = -1;
      for (let i = 0; i < at.length; i++) {
        const place = at[i] as number;
        if (place >= 0 && place <= last && (nearest < 0 || place < (at[nearest] as number))) nearest = i;
      }
      if (nearest < 0) return -1;
      const place = at[nearest] as number;
      if (standsAt(anchor, bytes, place - rare)) return place - rare;
      at[nearest] = bytes.indexOf(this.wanted[nearest] as number, place + 1);
    }
  }
}
