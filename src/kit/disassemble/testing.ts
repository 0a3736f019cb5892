/** Writes ELF programs for any machine, with symbols and a table of frames, and says bytes as a tool would. Only tests use it. */
import { toHex } from '../encoding.ts';
import type { Code, Decode } from './model.ts';

export interface Sketch {
  readonly machine: number; readonly wide: boolean; readonly little: boolean; readonly code: Uint8Array; readonly address: bigint;
  /** Offsets in the code; an odd one is Thumb. */
  readonly symbols?: readonly number[];
  readonly frames?: readonly number[];
  readonly entry?: number; readonly flags?: number;
}

export function elfFor({ machine, wide, little, code, address, symbols = [], frames = [], entry = 0, flags = 0 }: Sketch): Buffer {
  const write = (size: number, fields: readonly (readonly [at: number, bytes: 1 | 2 | 4 | 8, value: bigint | number])[]): Buffer => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [at, bytes, value] of fields) {
      if (bytes === 8) view.setBigUint64(at, BigInt(value), little);
      else if (bytes === 4) view.setUint32(at, Number(BigInt.asUintN(32, BigInt(value))), little);
      else if (bytes === 2) view.setUint16(at, Number(value), little);
      else view.setUint8(at, Number(value));
    }
    return Buffer.from(view.buffer);
  };
  const word = wide ? 8 : 4;
  const symbol = (offset: number): Buffer => (wide ? write(24, [[4, 1, 0x12], [6, 2, 1], [8, 8, address + BigInt(offset)]])
    : write(16, [[4, 4, address + BigInt(offset)], [12, 1, 0x12], [14, 2, 1]]));
  const framesAt = address + 0x10_0000n;
  const names = Buffer.from('\0.text\0.symtab\0.eh_frame_hdr\0.shstrtab\0');
  const contents: [string, number, number, bigint, Uint8Array][] = [
    ['.text', 1, 6, address, code], ['.symtab', 2, 0, 0n, Buffer.concat(symbols.map(symbol))],
    ['.eh_frame_hdr', 1, 2, framesAt, write(12 + frames.length * 8, [[0, 1, 1], [1, 1, 0x1b], [2, 1, 3], [3, 1, 0x3b], [8, 4, frames.length],
      ...frames.map((offset, i) => [12 + i * 8, 4, address + BigInt(offset) - framesAt] as const)])],
    ['.shstrtab', 3, 0, 0n, names],
  ];
  const head = wide ? 64 : 52;
  let at = head;
  const table = [Buffer.alloc(wide ? 64 : 40), ...contents.map(([name, type, bits, where, bytes]) => {
    const own = write(wide ? 64 : 40, [[0, 4, names.indexOf(`${name}\0`)], [4, 4, type], [8, word, bits], [8 + word, word, where],
      [8 + word * 2, word, at], [8 + word * 3, word, bytes.length]]);
    at += bytes.length;
    return own;
  })];
  const tail = 8 + 3 * word;
  return Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]), write(head - 7, []), ...contents.map(([, , , , bytes]) => bytes), ...table,
  ]).fill(write(head - 16, [[0, 2, 2], [2, 2, machine], [8, word, address + BigInt(entry)], [8 + word * 2, word, at], [tail, 4, flags],
    [tail + 4, 2, head], [tail + 10, 2, wide ? 64 : 40], [tail + 12, 2, contents.length + 1], [tail + 14, 2, contents.length]]), 16, head);
}

/** Every byte as an instruction of its own, and what was asked. */
export function byteByByte(): { decode: Decode; asked: Code[] } {
  const asked: Code[] = [];
  return {
    asked,
    decode: (code) => {
      asked.push(code);
      const { address, bytes } = code;
      const lines = Array.from(bytes, (byte, i) => `  ${(address + BigInt(i)).toString(16)}:\t.byte 0x${toHex(Uint8Array.of(byte))}\n`);
      return Promise.resolve({ ok: true, text: lines.join('') });
    },
  };
}

/** A PE image: code at RVA 0x1000, and, for x64, the table of its functions by their offsets in the code. */
export function peFor(machine: number, code: Uint8Array, functions: readonly number[]): Buffer {
  const wide = machine !== 0x14c;
  const [optional, table] = [wide ? 240 : 224, Buffer.alloc(functions.length * 12)];
  functions.forEach((offset, i) => table.writeUInt32LE(0x1000 + offset, i * 12));
  const head = Buffer.alloc(88 + optional + 80);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(64, 60);
  head.write('PE\0\0', 64, 'latin1');
  head.writeUInt16LE(machine, 68);
  head.writeUInt16LE(2, 70);
  head.writeUInt16LE(optional, 84);
  head.writeUInt16LE(wide ? 0x20b : 0x10b, 88);
  if (wide) head.writeBigUInt64LE(0x1_4000_0000n, 88 + 24);
  else head.writeUInt32LE(0x40_0000, 88 + 28);
  const sections = [['.text', code, 0x1000, head.length, 0x6000_0020], ['.pdata', table, 0x9_0000, head.length + code.length, 0x4000_0040]] as const;
  for (const [i, [name, bytes, at, from, flags]] of sections.entries()) {
    const own = 88 + optional + i * 40;
    head.write(name, own, 'latin1');
    for (const [place, value] of [[12, at], [16, bytes.length], [20, from], [36, flags]] as const) head.writeUInt32LE(value, own + place);
  }
  return Buffer.concat([head, code, table]);
}

/** A 64-bit Mach-O file of one segment with one section of code. */
export function machOFor(machine: number, code: Uint8Array, address: bigint): Buffer {
  const head = Buffer.alloc(32 + 72 + 80);
  for (const [place, value] of [[0, 0xfeedfacf], [4, machine], [16, 1], [20, 152], [32, 0x19], [36, 152], [32 + 64, 1]] as const) {
    head.writeUInt32LE(value, place);
  }
  head.write('__text', 104, 'latin1');
  head.write('__TEXT', 120, 'latin1');
  head.writeBigUInt64LE(address, 136);
  head.writeBigUInt64LE(BigInt(code.length), 144);
  head.writeUInt32LE(head.length, 152);
  head.writeUInt32LE(0x8000_0400, 168);
  return Buffer.concat([head, code]);
}
