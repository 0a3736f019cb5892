/** Finds a part of a file again by the path that a comparison gave it: the bytes that its regions speak of. */
import { Budget, usualLimits, type Limits, type Piece } from './piece.ts';
import { read } from './read.ts';

export interface PartWithin { readonly bytes: Uint8Array; readonly format: string; readonly pieces: readonly Piece[] }

/** The part under a path of names, unpacked; null where there is none. Throws an ArchiveFault where it cannot be unpacked within the limits. */
export async function partWithin(file: Uint8Array, path: readonly string[], name: string, limits: Limits = usualLimits): Promise<PartWithin | null> {
  const budget = new Budget(limits);
  let [bytes, own] = [file, name];
  for (const next of path) {
    const inner = read(bytes, budget, own).pieces.find((p) => p.inner?.name === next)?.inner;
    if (!inner) return null;
    [bytes, own] = [await inner.bytes(), next];
  }
  const { format, pieces } = read(bytes, budget, own);
  return { bytes, format, pieces };
}
