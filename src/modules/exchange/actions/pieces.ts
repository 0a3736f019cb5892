/** Objects of a stream, bundle, list or lines, as a delivery takes them: each with its place and its own text without white space. */
import { readBundle, type BundleProblem } from '#kit/stix/bundle';
import type { Piece } from './intake.ts';

/** JSON without the white space between its parts; strings stay as they were written. */
export const compactJson = (text: string): string => text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

const placeOf = (p: { index: number | null; line?: number; column?: number }): string =>
  [p.index === null ? null : `object ${p.index + 1}`, p.line === undefined
    ? null : `line ${p.line}, column ${p.column}`].filter((s) => s !== null).join(', ');

/** `fault` is told of what ends the reading: what stands behind it was not looked at. */
export async function* piecesOf(source: AsyncIterable<Uint8Array>, fault: (problem: BundleProblem) => void = () => undefined): AsyncGenerator<Piece> {
  for await (const item of readBundle(source)) {
    if (item.kind === 'object') {
      const text = Buffer.from(item.raw.buffer, item.raw.byteOffset, item.raw.byteLength).toString('utf8');
      yield { place: `object ${item.index + 1}, byte ${item.offset}`, value: item.value, body: compactJson(text) };
    } else if (item.kind === 'problem') {
      if (item.fatal) fault(item);
      yield { place: placeOf(item), body: '', problem: item.text };
    }
  }
}

/** Pieces that are at hand already. */
export async function* listed(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}
