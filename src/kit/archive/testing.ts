/** Archives as bytes, for tests: written here, so that hostile ones can be too. */
import { crc32, deflateRawSync } from 'node:zlib';
import type { OpenRange } from './member.ts';

export interface TarPart {
  readonly path: string; readonly type?: string; readonly text?: string | Buffer; readonly mode?: number; readonly target?: string;
  /** Stated instead of the text's length. */
  readonly size?: number;
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

export function tarHeader({ path, type = '0', text = '', mode = 0o644, target = '', size = Buffer.byteLength(text) }: TarPart): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0, 100, 'utf8');
  header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100, 'latin1');
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(target, 157, 100, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(octal(header.reduce((sum, byte) => sum + byte, 0), 7), 148, 'latin1');
  return header;
}

export function tarOf(parts: readonly TarPart[], end = true): Buffer {
  const blocks = parts.flatMap((part) => {
    const bytes = Buffer.from(part.text ?? '');
    return [tarHeader(part), bytes, Buffer.alloc((512 - bytes.length % 512) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

export const paxOf = (fields: Readonly<Record<string, string>>, type = 'x'): TarPart => ({
  path: 'PaxHeaders/x', type, text: Object.entries(fields).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest;
    while (String(length).length + rest !== length) length = String(length).length + rest;
    return `${length} ${key}=${value}\n`;
  }).join(''),
});

export interface ZipPart {
  readonly path: string; readonly text?: string; readonly mode?: number; readonly store?: boolean; readonly crc?: number; readonly size?: number;
  readonly from?: number; readonly flags?: number; readonly method?: number;
}

export function zipOf(parts: readonly ZipPart[]): Buffer {
  const [files, list]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const part of parts) {
    const [bytes, name] = [Buffer.from(part.text ?? ''), Buffer.from(part.path)];
    const packed = part.store ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(part.flags ?? 0, 2);
    common.writeUInt16LE(part.method ?? (part.store ? 0 : 8), 4);
    common.writeUInt32LE(part.crc ?? crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(part.size ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 6);
    central.writeUInt32LE(part.from ?? at, 10);
    list.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, central, name);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, packed]);
    files.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, listed, end]);
}

/** Bytes in hand as something that can be read from any place, in pieces of a size. */
export const rangesOf = (bytes: Uint8Array, piece = 1_000): OpenRange => async (from, to) => (async function* parts() {
  for (let at = from; at < Math.min(to, bytes.length); at += piece) yield bytes.subarray(at, Math.min(at + piece, to, bytes.length));
})();
