/**
 * The number of a sitting as cells of a tile (docs/specs/watermark.md): 32 bits and a check of 24, in eight symbols of seven bits, each a
 * biorthogonal word of 64 chips, RM(1,6), which is read by how much it is like each of the 128 words and so bears a quarter of its chips wrong.
 * The other half of the cells is the same for everybody: by it a reader finds scale and place.
 */
import { dice } from '../dice.ts';

/** Cells along one side of a tile, and the size of a cell on the screen, in CSS pixels. */
export const cellsAcross = 32;
export const cellSize = 6;
export const tileSize = cellsAcross * cellSize;

const symbols = 8;
const chipsEach = 64;
const idBits = 32;
const checkBits = 24;

/** CRC-24 of OpenPGP (RFC 9580) over the four bytes of a number. */
function checkOf(id: number): number {
  let crc = 0xb704ce;
  for (let shift = 24; shift >= 0; shift -= 8) {
    crc ^= ((id >>> shift) & 0xff) << 16;
    for (let i = 0; i < 8; i++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

interface Layout {
  /** Sign of each cell that is the same for everybody; 0 where a chip lies. */
  readonly sync: Int8Array;
  /** The cell of each chip, and the sign it is turned by, so that no word shows as a figure. */
  readonly cells: Int32Array;
  readonly turns: Int8Array;
}

/** Where what lies: drawn once from a fixed seed, the same in every hub, since it is part of the format. */
const layout: Layout = (() => {
  const roll = dice(0x656e7465);
  const order = Int32Array.from({ length: cellsAcross ** 2 }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(roll() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  const chips = symbols * chipsEach;
  const sign = (): number => (roll() < 0.5 ? -1 : 1);
  const sync = new Int8Array(order.length);
  for (const cell of order.subarray(chips)) sync[cell] = sign();
  return { sync, cells: order.slice(0, chips), turns: Int8Array.from({ length: chips }, sign) };
})();

export const syncCells: Int8Array = layout.sync;

const parity = (n: number): number => {
  let bits = n;
  for (let shift = 16; shift > 0; shift >>= 1) bits ^= bits >>> shift;
  return bits & 1;
};

/** Bits of a number and its check, from the first. */
function bitsOf(id: number): number[] {
  const check = checkOf(id);
  return [
    ...Array.from({ length: idBits }, (_, i) => (id >>> (idBits - 1 - i)) & 1),
    ...Array.from({ length: checkBits }, (_, i) => (check >>> (checkBits - 1 - i)) & 1),
  ];
}

/** Each cell of the tile, row by row: 1 lighter, -1 darker. */
export function cellsOf(id: number): Int8Array {
  const out = layout.sync.slice();
  const bits = bitsOf(id >>> 0);
  for (let chip = 0; chip < layout.cells.length; chip++) {
    // Chips of a symbol lie one after the other in an order that was shuffled, so all over the tile.
    const symbol = Math.floor(chip / chipsEach) * 7;
    const word = bits.slice(symbol + 1, symbol + 7).reduce((sum, bit) => sum * 2 + bit, 0);
    const value = parity(word & (chip % chipsEach)) ^ (bits[symbol] ?? 0);
    out[layout.cells[chip] ?? 0] = (value === 0 ? 1 : -1) * (layout.turns[chip] ?? 1);
  }
  return out;
}

/** In place: how like each Walsh function the 64 values are. */
function hadamard(values: Float64Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let at = 0; at < values.length; at += half * 2) {
      for (let i = at; i < at + half; i++) {
        const [a, b] = [values[i] ?? 0, values[i + half] ?? 0];
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}

interface Read { readonly best: number; readonly second: number; readonly margin: number }

function symbolOf(cells: Float64Array, symbol: number): Read {
  const values = Float64Array.from({ length: chipsEach }, (_, i) => {
    const chip = symbol * chipsEach + i;
    return (cells[layout.cells[chip] ?? 0] ?? 0) * (layout.turns[chip] ?? 1);
  });
  hadamard(values);
  const order = [...values.keys()].sort((a, b) => Math.abs(values[b] ?? 0) - Math.abs(values[a] ?? 0));
  const seven = (word: number): number => ((values[word] ?? 0) < 0 ? 64 : 0) + word;
  const [first = 0, next = 0] = order;
  return { best: seven(first), second: seven(next), margin: Math.abs(values[first] ?? 0) - Math.abs(values[next] ?? 0) };
}

function numberOf(sevens: readonly number[]): number | null {
  const bits = sevens.map((n) => n.toString(2).padStart(7, '0')).join('');
  const id = Number.parseInt(bits.slice(0, idBits), 2);
  return checkOf(id) === Number.parseInt(bits.slice(idBits), 2) ? id : null;
}

/** The number in cells as they were measured (any scale; 0 where nothing was seen), or null. The least sure symbol may be its second likeliest. */
export function readCells(cells: Float64Array): number | null {
  const read = Array.from({ length: symbols }, (_, symbol) => symbolOf(cells, symbol));
  const found = numberOf(read.map((r) => r.best));
  if (found !== null) return found;
  const unsure = read.reduce((least, r, i) => (r.margin < (read[least]?.margin ?? 0) ? i : least), 0);
  return numberOf(read.map((r, i) => (i === unsure ? r.second : r.best)));
}
