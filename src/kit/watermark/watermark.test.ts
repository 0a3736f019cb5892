import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dice } from '../dice.ts';
import { cellsOf, readCells } from './code.ts';
import { findMark } from './find.ts';
import { readPicture } from './picture.ts';
import { cut, jpegOf, scaled, screen } from './testing.ts';
import { markTile } from './tile.ts';

const id = 0xc0ffee42;

describe('the cells of a tile', () => {
  test('give the number back with an eighth of them turned over and a quarter not seen', () => {
    const roll = dice(7);
    for (let n = 0; n < 200; n++) {
      const number = Math.floor(roll() * 2 ** 32);
      const cells = Float64Array.from(cellsOf(number), (v) => (roll() < 0.25 ? 0 : roll() < 0.125 ? -v : v));
      expect(readCells(cells)).toBe(number);
    }
  });
  test('give nothing where they are noise', () => {
    const roll = dice(8);
    for (let n = 0; n < 500; n++) expect(readCells(Float64Array.from({ length: 1024 }, () => roll() - 0.5))).toBeNull();
  });
});

describe('a screen', () => {
  const whole = (dark: boolean) => screen({ width: 820, height: 600, id, dark, seed: 3 });
  for (const dark of [false, true]) {
    for (const by of [0.75, 1, 1.1, 1.25]) {
      test(`${dark ? 'dark' : 'light'}, at ${Math.round(by * 100)} % and JPEG quality 60, gives its sitting's number`, () => {
        const shown = scaled(whole(dark), by);
        const piece = cut(shown, 37, 23, Math.round(460 * by), Math.round(380 * by));
        if (by === 1) expect(findMark(readPicture(jpegOf(shown, 60)))?.number).toBe(id);
        const found = findMark(readPicture(jpegOf(piece, 60)));
        expect(found?.number).toBe(id);
        expect(Math.abs((found?.scale ?? 0) / by - 1)).toBeLessThan(0.01);
      });
    }
  }
  test('with twice the pixels a side gives it too', () => {
    expect(findMark(readPicture(jpegOf(scaled(cut(whole(false), 0, 0, 500, 400), 2), 60)))?.number).toBe(id);
  });
  test('without a mark gives none, whatever is on it', () => {
    for (let seed = 20; seed < 22; seed++) {
      const bare = screen({ width: 600, height: 420, id: null, dark: seed % 2 === 0, seed });
      expect(findMark(readPicture(jpegOf(bare, 60)))).toBeNull();
    }
    const roll = dice(5);
    expect(findMark({ width: 500, height: 400, luma: Uint8Array.from({ length: 200_000 }, () => 120 + Math.floor(roll() * 8)) })).toBeNull();
    expect(findMark({ width: 3, height: 3, luma: new Uint8Array(9) })).toBeNull();
    // A pattern as regular as the tile, and not it.
    expect(findMark({ width: 800, height: 600, luma: Uint8Array.from({ length: 480_000 }, (_, i) => (((i % 800) / 6 | 0) + (i / 4800 | 0)) % 2 * 8 + 200) }))
      .toBeNull();
  });
});

describe('a picture', () => {
  /** Each kind of filter once, in turn. */
  function pngOf(width: number, height: number, pixel: (x: number, y: number) => readonly [number, number, number]): Uint8Array {
    const row = width * 3;
    const plain = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : pixel(Math.floor(x / 3), y)[x % 3] ?? 0);
    const rows = new Uint8Array(height * (row + 1));
    for (let y = 0; y < height; y++) {
      const filter = y % 5;
      rows[y * (row + 1)] = filter;
      for (let x = 0; x < row; x++) {
        const [a, b, c] = [plain(x - 3, y), plain(x, y - 1), x < 3 ? 0 : plain(x - 3, y - 1)];
        const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
        const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        rows[y * (row + 1) + 1 + x] = plain(x, y) - ([0, a, b, (a + b) >> 1, paeth][filter] ?? 0);
      }
    }
    const chunk = (name: string, body: Uint8Array): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      return Buffer.concat([length, Buffer.from(name), body, Buffer.alloc(4)]);
    };
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2, 0, 0, 0], 8);
    return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)),
      chunk('IEND', new Uint8Array())]);
  }
  const pixel = (x: number, y: number): readonly [number, number, number] => [(x * 7 + y) % 256, (x + y * 5) % 256, (x * y) % 256];
  test('in PNG is read with each of its filters', () => {
    const { width, height, luma } = readPicture(pngOf(31, 17, pixel));
    expect([width, height]).toEqual([31, 17]);
    for (let i = 0; i < luma.length; i++) {
      const [r, g, b] = pixel(i % 31, Math.floor(i / 31));
      expect(luma[i]).toBe((r * 77 + g * 150 + b * 29) >> 8);
    }
  });
  test('that is none, cut, huge or a bomb is refused with a sentence', () => {
    const png = pngOf(31, 17, pixel);
    const jpeg = jpegOf(screen({ width: 64, height: 64, id, dark: false, seed: 1 }), 60);
    const huge = Buffer.from(png);
    huge.writeUInt32BE(1_000_000, 16);
    huge.writeUInt32BE(1_000_000, 20);
    const bomb = Buffer.from(pngOf(400, 400, () => [0, 0, 0]));
    bomb.writeUInt32BE(4, 16);
    for (const bad of [new Uint8Array(), Buffer.from('<svg/>'), png.slice(0, 60), png.slice(0, 20), jpeg.slice(0, 40), huge, bomb]) {
      expect(() => readPicture(bad)).toThrow(/picture|pixels/);
    }
  });
});

test('a tile says whose it is, holds no mark-up of theirs, and both kinds of cell', () => {
  const svg = markTile(id, 'Nguyễn <b onload="x">&');
  expect(svg).toContain('Nguyễn &lt;b onload=&quot;x&quot;&gt;&amp;');
  expect(svg).toMatch(/^<svg [^>]*width="576" height="384"/);
  expect(svg.match(/fill-opacity="0.042"/g)).toHaveLength(2);
  expect(Buffer.byteLength(svg)).toBeLessThan(16_384);
});
