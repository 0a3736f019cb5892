/** A screen as it might be photographed by its own machine: ground, something like text, the cells over both; then smaller, cut and saved. */
import { encode } from 'jpeg-js';
import { dice } from '../dice.ts';
import { cellsAcross, cellSize, cellsOf } from './code.ts';
import type { Picture } from './picture.ts';
import { strength } from './tile.ts';

export interface Screen { readonly width: number; readonly height: number; readonly id: number | null; readonly dark: boolean; readonly seed: number }

/** Lines of small dark strokes on light ground, or the other way round, as lines of code are. */
export function screen({ width, height, id, dark, seed }: Screen): Picture {
  const roll = dice(seed);
  const [ground, ink] = dark ? [30, 205] : [255, 40];
  const luma = new Float64Array(width * height).fill(ground);
  for (let top = 4; top + 12 < height; top += 19) {
    const end = 60 + Math.floor(roll() * Math.min(700, width - 60));
    for (let x = 56 + Math.floor(roll() * 6) * 16; x + 7 < end; x += 7) {
      if (roll() < 0.15) continue;
      for (let k = 0; k < 14; k++) luma[(top + Math.floor(roll() * 10)) * width + x + Math.floor(roll() * 6)] = ink + Math.floor(roll() * 60);
    }
  }
  const cells = id === null ? null : cellsOf(id);
  if (cells) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const cell = cells[Math.floor(y / cellSize) % cellsAcross * cellsAcross + Math.floor(x / cellSize) % cellsAcross] ?? 0;
        luma[y * width + x] = (luma[y * width + x] ?? 0) * (1 - strength) + (cell > 0 ? 255 * strength : 0);
      }
    }
  }
  return { width, height, luma: Uint8Array.from(luma, (v) => Math.round(v)) };
}

/** Between the four pixels around each point, as browsers and phones do it. */
export function scaled({ width, height, luma }: Picture, by: number): Picture {
  const [w, h] = [Math.round(width * by), Math.round(height * by)];
  const out = new Uint8Array(w * h);
  const at = (x: number, y: number): number => luma[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [fx, fy] = [(x + 0.5) / by - 0.5, (y + 0.5) / by - 0.5];
      const [x0, y0] = [Math.floor(fx), Math.floor(fy)];
      const [dx, dy] = [fx - x0, fy - y0];
      out[y * w + x] = Math.round((at(x0, y0) * (1 - dx) + at(x0 + 1, y0) * dx) * (1 - dy) + (at(x0, y0 + 1) * (1 - dx) + at(x0 + 1, y0 + 1) * dx) * dy);
    }
  }
  return { width: w, height: h, luma: out };
}

export function cut({ width, luma }: Picture, x: number, y: number, w: number, h: number): Picture {
  const out = new Uint8Array(w * h);
  for (let row = 0; row < h; row++) out.set(luma.subarray((y + row) * width + x, (y + row) * width + x + w), row * w);
  return { width: w, height: h, luma: out };
}

export function jpegOf({ width, height, luma }: Picture, quality: number): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  luma.forEach((v, i) => data.set([v, v, v, 255], i * 4));
  return encode({ width, height, data }, quality).data;
}
