/**
 * A picture as its lightness alone, from a PNG (ISO/IEC 15948; read here) or a JPEG (ITU T.81; read by jpeg-js). What somebody sends is not to
 * be trusted: too large a picture is refused before anything is unpacked, and one that is broken with a sentence.
 */
import { inflateSync } from 'node:zlib';
import { decode } from 'jpeg-js';
import { Refusal } from '../refusal.ts';

export interface Picture { readonly width: number; readonly height: number; readonly luma: Uint8Array }

/** Pixels of a picture at most: a screen of 8K has 33 million. */
export const pixelsMax = 34e6;

const pngSign = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const broken = (hint: string): Refusal => new Refusal('invalid', 'picture.broken', 'This is not a whole picture in PNG or JPEG.', { hint });

function refuseLarge(width: number, height: number): void {
  if (width < 1 || height < 1) throw broken('It has no pixels.');
  if (width * height > pixelsMax) throw new Refusal('too-large', 'picture.too-large', 'This picture has too many pixels.', { hint: 'Cut out a part of it.' });
}

export function readPicture(bytes: Uint8Array): Picture {
  if (pngSign.every((b, i) => bytes[i] === b)) return readPng(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes);
  throw broken('It begins as neither.');
}

interface Header { readonly width: number; readonly height: number; readonly colour: number; readonly channels: number }

function headerOf(body: DataView): Header {
  if (body.byteLength !== 13) throw broken('Its header is cut.');
  const [width, height, depth, colour] = [body.getUint32(0), body.getUint32(4), body.getUint8(8), body.getUint8(9)];
  refuseLarge(width, height);
  const channels = channelsOf[colour];
  if (depth !== 8 || channels === undefined || body.getUint8(12) !== 0) {
    throw new Refusal('invalid', 'picture.kind', 'Of PNG those with eight bits a channel are read, not interlaced ones.', { hint: 'Save it again as JPEG.' });
  }
  return { width, height, colour, channels };
}

function readPng(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | null = null;
  let palette = new Uint8Array();
  const packed: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw broken('It ends too early.');
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (name === 'IHDR') header = headerOf(new DataView(bytes.buffer, bytes.byteOffset + at + 8, length));
    if (name === 'PLTE') palette = body.slice();
    if (name === 'IDAT') packed.push(body);
    if (name === 'IEND') break;
    at += 12 + length;
  }
  if (!header) throw broken('It has no header.');
  const row = header.width * header.channels;
  const size = header.height * (row + 1);
  let rows: Uint8Array;
  try {
    rows = inflateSync(Buffer.concat(packed), { maxOutputLength: size });
  } catch {
    throw broken('Its pixels cannot be unpacked.');
  }
  if (rows.length !== size) throw broken('Pixels are missing.');
  unfilter(rows, header.height, row, header.channels);
  return { width: header.width, height: header.height, luma: lightness(rows, header, palette) };
}

/** In place, as PNG's clause 9 has it: each byte is what it differs by from its neighbours. */
function unfilter(rows: Uint8Array, height: number, row: number, step: number): void {
  for (let y = 0; y < height; y++) {
    const at = y * (row + 1);
    const filter = rows[at] ?? 0;
    if (filter > 4) throw broken('A row is filtered in no known way.');
    for (let x = 1; x <= row; x++) {
      const left = x > step ? rows[at + x - step] ?? 0 : 0;
      const up = y > 0 ? rows[at + x - row - 1] ?? 0 : 0;
      const corner = y > 0 && x > step ? rows[at + x - row - 1 - step] ?? 0 : 0;
      rows[at + x] = (rows[at + x] ?? 0) + guessOf(filter, left, up, corner);
    }
  }
}

function guessOf(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: {
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      if (a <= b && a <= c) return left;
      return b <= c ? up : corner;
    }
    default: return 0;
  }
}

/** ITU-R BT.601, as JPEG has it. */
const lumaOf = (red: number, green: number, blue: number): number => (red * 77 + green * 150 + blue * 29) >> 8;

function lightness(rows: Uint8Array, { width, height, colour, channels }: Header, palette: Uint8Array): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * channels + 1) + 1 + x * channels;
      const first = rows[at] ?? 0;
      const [from, of] = colour === 3 ? [palette, first * 3] as const : [rows, at] as const;
      luma[y * width + x] = colour === 0 || colour === 4 ? first : lumaOf(from[of] ?? 0, from[of + 1] ?? 0, from[of + 2] ?? 0);
    }
  }
  return luma;
}

function readJpeg(bytes: Uint8Array): Picture {
  try {
    const { width, height, data } = decode(bytes, { useTArray: true, formatAsRGBA: false, maxResolutionInMP: pixelsMax / 1e6, maxMemoryUsageInMB: 600 });
    refuseLarge(width, height);
    const luma = new Uint8Array(width * height);
    for (let i = 0; i < luma.length; i++) luma[i] = lumaOf(data[i * 3] ?? 0, data[i * 3 + 1] ?? 0, data[i * 3 + 2] ?? 0);
    return { width, height, luma };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // Its library throws plain errors: for what is too large as for what is broken.
    throw broken(error instanceof Error ? error.message.slice(0, 200) : 'It cannot be read.');
  }
}
