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
