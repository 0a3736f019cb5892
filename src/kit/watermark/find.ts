/**
 * Finds the number of a sitting in a picture of what was on a screen: whole or cut, smaller or larger, saved as JPEG. Nothing is known of
 * the picture but its lightness. Each candidate scale lays it over itself tile by tile, so that text averages out and the cells stay; where
 * that is like the cells which are the same for everybody, the scale and place are right and the others are read. Bounded: the work grows with
 * the pixels alone. Turned or tilted pictures, as of a camera held askew, are not read.
 */
import { cellsAcross, readCells, syncCells, tileSize } from './code.ts';
import type { Picture } from './picture.ts';

export interface Found {
  readonly number: number;
  /** Pixels of the picture for one of the page. */
  readonly scale: number;
  /** How far the cells that are the same for everybody stand out of chance, in its standard deviations. */
  readonly strength: number;
}

/** Two a cell. */
const bins = cellsAcross * 2;
/** Lightness away from the ground that may still be ground with a cell on it; what is further is text. */
const groundReach = 12;
const block = 32;
const [scaleMin, scaleMax] = [0.66, 1.45];
/** What chance gives among all scales and places stays below: 1.5 million tries reach 5.5. */
const strengthMin = 7;
/** A coarse look takes so many pixels at most, by leaving rows out. */
const coarsePixels = 3e5;

interface Residue { readonly width: number; readonly height: number; readonly value: Int8Array; readonly counts: Uint8Array }

/** What differs from the ground within each block of 32 by 32 pixels; text and pictures do not count. */
function residueOf({ width, height, luma }: Picture): Residue {
  const [value, counts] = [new Int8Array(width * height), new Uint8Array(width * height)];
  const histogram = new Int32Array(256);
  for (let top = 0; top < height; top += block) {
    for (let left = 0; left < width; left += block) {
      const [bottom, right] = [Math.min(height, top + block), Math.min(width, left + block)];
      histogram.fill(0);
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) (histogram[luma[y * width + x] ?? 0] as number) += 1;
      const ground = groundOf(histogram);
      if (ground.count * 5 < (bottom - top) * (right - left)) continue;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = y * width + x;
          const off = (luma[at] ?? 0) - ground.middle;
          if (Math.abs(off) > groundReach) continue;
          counts[at] = 1;
          value[at] = Math.round((off + ground.middle - ground.mean) * 4);
        }
      }
    }
  }
  return { width, height, value, counts };
}

/** Where most pixels lie within reach, and their mean. */
function groundOf(histogram: Int32Array): { middle: number; mean: number; count: number } {
  let [count, sum] = [0, 0];
  let best = { middle: 0, mean: 0, count: -1 };
  for (let i = 0; i < 256 + groundReach; i++) {
    const gone = i - 2 * groundReach - 1;
    if (i < 256) {
      count += histogram[i] ?? 0;
      sum += (histogram[i] ?? 0) * i;
    }
    if (gone >= 0) {
      count -= histogram[gone] ?? 0;
      sum -= (histogram[gone] ?? 0) * gone;
    }
    if (count > best.count) best = { middle: i - groundReach, mean: count === 0 ? 0 : sum / count, count };
  }
  return best;
}

/** Each pixel on its bin of the tile; the mean of each. */
function folded({ width, height, value, counts }: Residue, across: number, down: number, everyRow: number): Float64Array {
  const [sums, seen] = [new Float64Array(bins * bins), new Float64Array(bins * bins)];
  const binOf = (at: number, scale: number): number => Math.floor((((at + 0.5) / scale) % tileSize) / tileSize * bins);
  const columns = Int32Array.from({ length: width }, (_, x) => binOf(x, across));
  for (let y = 0; y < height; y += everyRow) {
    const row = binOf(y, down) * bins;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      if (counts[at] === 0) continue;
      const bin = row + (columns[x] ?? 0);
      (sums[bin] as number) += value[at] ?? 0;
      (seen[bin] as number) += 1;
    }
  }
  let [mean, filled] = [0, 0];
  for (let i = 0; i < sums.length; i++) {
    if ((seen[i] ?? 0) === 0) continue;
    sums[i] = (sums[i] ?? 0) / (seen[i] ?? 1);
    mean += sums[i] ?? 0;
    filled += 1;
  }
  if (filled > 0) for (let i = 0; i < sums.length; i++) if ((seen[i] ?? 0) > 0) sums[i] = (sums[i] ?? 0) - mean / filled;
  return levelled(sums);
}

/** What one stretch of text did to a bin is not let outweigh the rest. */
function levelled(values: Float64Array): Float64Array {
  const spread = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  return values.map((v) => Math.max(-2 * spread, Math.min(2 * spread, v)));
}

interface Plane { readonly re: Float64Array; readonly im: Float64Array }
const [cosines, sines] = [Math.cos, Math.sin].map((f) => Float64Array.from({ length: bins / 2 }, (_, i) => f(-2 * Math.PI * i / bins))) as
  [Float64Array, Float64Array];

/** In place: the discrete Fourier transform of 64 values that lie `step` apart. */
function transform({ re, im }: Plane, from: number, step: number): void {
  for (let i = 0, j = 0; i < bins; i++) {
    if (i < j) {
      const [a, b] = [from + i * step, from + j * step];
      [re[a], re[b], im[a], im[b]] = [re[b] ?? 0, re[a] ?? 0, im[b] ?? 0, im[a] ?? 0];
    }
    let bit = bins >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j |= bit;
  }
  for (let half = 1; half < bins; half *= 2) {
    for (let at = 0; at < bins; at += half * 2) {
      for (let k = 0; k < half; k++) {
        const [a, b] = [from + (at + k) * step, from + (at + k + half) * step];
        const turn = k * (bins / 2 / half);
        const [c, s] = [cosines[turn] ?? 0, sines[turn] ?? 0];
        const [r, i] = [(re[b] ?? 0) * c - (im[b] ?? 0) * s, (re[b] ?? 0) * s + (im[b] ?? 0) * c];
        [re[b], im[b]] = [(re[a] ?? 0) - r, (im[a] ?? 0) - i];
        [re[a], im[a]] = [(re[a] ?? 0) + r, (im[a] ?? 0) + i];
      }
    }
  }
}

function spectrum(values: Float64Array): Plane {
  const plane = { re: values.slice(), im: new Float64Array(values.length) };
  for (let i = 0; i < bins; i++) transform(plane, i * bins, 1);
  for (let i = 0; i < bins; i++) transform(plane, i, bins);
  return plane;
}

const sync: Plane = spectrum(Float64Array.from({ length: bins * bins }, (_, i) =>
  syncCells[Math.floor(i / bins / 2) * cellsAcross + Math.floor(i % bins / 2)] ?? 0));

interface Place {
  readonly across: number; readonly down: number; readonly x: number; readonly y: number; readonly strength: number; readonly fold: Float64Array;
}

/** Where a fold is most like the cells that are the same for everybody, and how far that stands out. */
function placed(fold: Float64Array, across: number, down: number): Place {
  const own = spectrum(fold);
  // The product with the conjugate, conjugated once more: the same transform leads back.
  const product: Plane = {
    re: own.re.map((r, i) => r * (sync.re[i] ?? 0) + (own.im[i] ?? 0) * (sync.im[i] ?? 0)),
    im: own.re.map((r, i) => r * (sync.im[i] ?? 0) - (own.im[i] ?? 0) * (sync.re[i] ?? 0)),
  };
  for (let i = 0; i < bins; i++) transform(product, i * bins, 1);
  for (let i = 0; i < bins; i++) transform(product, i, bins);
  let [best, squares] = [0, 0];
  product.re.forEach((v, i) => {
    squares += v * v;
    if (v > (product.re[best] ?? 0)) best = i;
  });
  const deviation = Math.sqrt(squares / product.re.length);
  return { across, down, x: best % bins, y: Math.floor(best / bins), strength: deviation === 0 ? 0 : (product.re[best] ?? 0) / deviation, fold };
}

/** Each cell as it was measured, its tile turned to its beginning. */
function cellsAt({ fold, x, y }: Place): Float64Array {
  return Float64Array.from({ length: cellsAcross ** 2 }, (_, cell) => {
    const [row, column] = [Math.floor(cell / cellsAcross) * 2 + y, (cell % cellsAcross) * 2 + x];
    let sum = 0;
    for (const dy of [0, 1]) for (const dx of [0, 1]) sum += fold[((row + dy) % bins) * bins + ((column + dx) % bins)] ?? 0;
    return sum;
  });
}

function halved({ width, height, luma }: Picture): Picture {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = y * 2 * width + x * 2;
      out[y * w + x] = ((luma[at] ?? 0) + (luma[at + 1] ?? 0) + (luma[at + width] ?? 0) + (luma[at + width + 1] ?? 0) + 2) >> 2;
    }
  }
  return { width: w, height: h, luma: out };
}

/** The likeliest places of one picture, each made finer: first both scales together, then each by itself. */
function* placesIn(residue: Residue): Generator<null, Place[]> {
  const { width, height } = residue;
  const everyRow = Math.max(1, Math.ceil(width * height / coarsePixels));
  // A scale is right as long as the last tile lies less than half a cell beside where it should.
  const step = Math.min(0.01, 4 / Math.max(width, height));
  const rough: Place[] = [];
  for (let scale = scaleMin; scale <= scaleMax; scale *= 1 + step) {
    rough.push(placed(folded(residue, scale, scale, everyRow), scale, scale));
    yield null;
  }
  const fine: Place[] = [];
  for (const start of rough.sort((a, b) => b.strength - a.strength).slice(0, 3)) {
    let best = start;
    for (const [dx, dy] of [[1, 1], [1, 0], [0, 1]] as const) {
      const from = best;
      for (let k = -3; k <= 3; k++) {
        const [across, down] = [from.across * (1 + dx * k * step / 4), from.down * (1 + dy * k * step / 4)];
        const next = placed(folded(residue, across, down, Math.max(1, everyRow >> 1)), across, down);
        if (next.strength > best.strength) best = next;
        yield null;
      }
    }
    fine.push(best);
  }
  return fine.sort((a, b) => b.strength - a.strength);
}

/** As `findMark`, a pause after each few milliseconds of work, so that a hub does other things in between. */
export function* seekMark(picture: Picture): Generator<null, Found | null> {
  for (const [times, shown] of [[1, picture], [2, halved(picture)]] as const) {
    if (shown.width < tileSize / 2 || shown.height < tileSize / 2) continue;
    const places = yield* placesIn(residueOf(shown));
    for (const place of places) {
      if (place.strength < strengthMin) break;
      const number = readCells(cellsAt(place));
      if (number !== null) return { number, scale: place.across * times, strength: place.strength };
    }
  }
  return null;
}

/** The number that a picture carries, or null: none, or not to be read. */
export function findMark(picture: Picture): Found | null {
  const seeking = seekMark(picture);
  for (;;) {
    const { done, value } = seeking.next();
    if (done === true) return value;
  }
}
