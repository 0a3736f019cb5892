/**
 * Writes the containers and programs that tests compare: ar, tar, gzip, xz and zst (stored, so that nothing but the format is in
 * them), zip, a Debian package and small ELF files. Only tests and the demonstration use it.
 */
import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface Member { readonly name: string; readonly bytes: Uint8Array; readonly time?: number; readonly type?: string; readonly target?: string }
const text = (value: string): Buffer => Buffer.from(value, 'latin1');

export function arOf(members: readonly Member[]): Buffer {
  return Buffer.concat([text('!<arch>\n'), ...members.flatMap(({ name, bytes, time = 0 }) => [
    text(`${`${name}`.padEnd(16)}${String(time).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`),
    bytes, text(bytes.length % 2 === 1 ? '\n' : ''),
  ])]);
}

function tarHead({ name, bytes, time = 0, type = '0', target = '' }: Member): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0, 100);
  for (const [at, value] of [[100, '0000644'], [108, '0000000'], [116, '0000000'], [124, bytes.length.toString(8).padStart(11, '0')], [136,
    time.toString(8).padStart(11, '0')]] as const) head.write(value, at);
  head.fill(32, 148, 156);
  head.write(type, 156);
  head.write(target, 157, 100);
  head.write('ustar\u000000', 257);
  head.write(`${head.reduce((sum, b) => sum + b, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

export const tarOf = (members: readonly Member[]): Buffer => Buffer.concat([
  ...members.flatMap((m) => [tarHead(m), m.bytes, Buffer.alloc((512 - (m.bytes.length % 512)) % 512)]), Buffer.alloc(1024),
]);

/** A gzip with the time given. */
export function gzipOf(bytes: Uint8Array, time = 0): Buffer {
  const out = gzipSync(bytes);
  out.writeUInt32LE(time, 4);
  return out;
}

const crc = (bytes: Uint8Array): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(crc32(bytes));
  return out;
};
function varint(value: number): Buffer {
  const out: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) out.push((left % 128) | 0x80);
  return Buffer.from([...out, left]);
}
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/** One xz stream of one block, its LZMA2 chunks uncompressed. `dictionary` is the byte that states how much memory is wanted. */
export function xzOf(bytes: Uint8Array, dictionary = 0x16): Buffer {
  const flags = Buffer.from([0, 1]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536);
    chunks.push(Buffer.from([at === 0 ? 1 : 2, (piece.length - 1) >> 8, (piece.length - 1) & 0xff]), Buffer.from(piece));
  }
  const body = Buffer.concat([...chunks, Buffer.from([0])]);
  const head = padded(Buffer.from([2, 0, 0x21, 1, dictionary]));
  const block = Buffer.concat([head, crc(head), body]);
  const check = crc(bytes);
  const index = padded(Buffer.concat([Buffer.from([0, 1]), varint(block.length + 4), varint(bytes.length)]));
  const size = Buffer.alloc(4);
  size.writeUInt32LE((index.length + 4) / 4 - 1);
  const end = Buffer.concat([size, flags]);
  return Buffer.concat([text('\u00fd7zXZ\0'), flags, crc(flags), padded(block), check, index, crc(index), crc(end), end, text('YZ')]);
}

/** One Zstandard frame of raw blocks, without a checksum. */
export function zstOf(bytes: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536);
    const head = (piece.length << 3) | (at + 65_536 >= bytes.length ? 1 : 0);
    blocks.push(Buffer.from([head & 0xff, (head >> 8) & 0xff, head >> 16]), Buffer.from(piece));
  }
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]), ...blocks]);
}

export function zipOf(members: readonly Member[]): Buffer {
  const [locals, list]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, bytes, time = 0 } of members) {
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(time, 6);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([text('PK\u0003\u0004'), fields, text(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    list.push(Buffer.concat([text('PK\u0001\u0002'), Buffer.from([20, 0]), fields, rest, text(name)]));
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  const central = Buffer.concat(list);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, central, text('PK\u0005\u0006'), end]);
}

export interface Program { readonly code: Uint8Array; readonly constants: Uint8Array; readonly buildId: Uint8Array;
  readonly debugFile: string; readonly debugSum: number }

function linkSection({ debugFile, debugSum }: Program): Buffer {
  const name = padded(text(`${debugFile}\0`));
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(debugSum);
  return Buffer.concat([name, sum]);
}

/** An x86-64 program: a note, code, constants, a debug link; three loaded segments, of which one may be run. */
export function elfOf(program: Program): Buffer {
  const note = Buffer.concat([Buffer.from([4, 0, 0, 0, program.buildId.length, 0, 0, 0, 3, 0, 0, 0]), text('GNU\0'), program.buildId]);
  const contents: [string, number, number, Uint8Array][] = [
    ['.note.gnu.build-id', 7, 2, note], ['.text', 1, 6, program.code], ['.rodata', 1, 2, program.constants], ['.gnu_debuglink', 1, 0, linkSection(program)],
  ];
  const names = text(`\0${contents.map(([name]) => name).join('\0')}\0.shstrtab\0`);
  const placed = [...contents, ['.shstrtab', 3, 0, names] as const];
  let at = 64 + 3 * 56;
  const parts: Buffer[] = [];
  const sections = placed.map(([name, type, flags, bytes]) => {
    const from = Math.ceil(at / 16) * 16;
    parts.push(Buffer.alloc(from - at), Buffer.from(bytes));
    at = from + bytes.length;
    return { name, type, flags, from, size: bytes.length };
  });
  const heads = Math.ceil(at / 8) * 8;
  parts.push(Buffer.alloc(heads - at));
  const header = Buffer.alloc(64);
  header.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(64n, 32);
  header.writeBigUInt64LE(BigInt(heads), 40);
  for (const [place, value] of [[52, 64], [54, 56], [56, 3], [58, 64], [60, placed.length + 1], [62,
    placed.length]] as const) header.writeUInt16LE(value, place);
  const segments = sections.slice(0, 3).map(({ from, size }, i) => {
    const out = Buffer.alloc(56);
    out.writeUInt32LE(1, 0);
    out.writeUInt32LE(i === 1 ? 5 : 4, 4);
    for (const [place, value] of [[8, from], [16, from], [24, from], [32, size], [40, size], [48, 16]] as const) out.writeBigUInt64LE(BigInt(value), place);
    return out;
  });
  const table = [Buffer.alloc(64), ...sections.map(({ name, type, flags, from, size }) => {
    const out = Buffer.alloc(64);
    out.writeUInt32LE(names.indexOf(`${name}\0`), 0);
    out.writeUInt32LE(type, 4);
    for (const [place, value] of [
      [8, flags], [16, (flags & 2) === 0 ? 0 : from], [24, from], [32, size], [48, 1]] as const) out.writeBigUInt64LE(BigInt(value), place);
    return out;
  })];
  return Buffer.concat([header, ...segments, ...parts, ...table]);
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** A Debian package of these files, packed as asked. */
export function debOf(files: readonly Member[], { pack = xzOf, suffix = 'xz', time = 0 }: { pack?: (bytes: Uint8Array) =>
  Buffer; suffix?: string; time?: number } = {}): Buffer {
  const sums = text(files.map(({ name, bytes }) => `${md5(bytes)}  ${name}\n`).join(''));
  const control = tarOf([{ name: './control', bytes: text('Package: example\nVersion: 1.0\n'), time }, { name: './md5sums', bytes: sums, time }]);
  const content = tarOf(files.map((f) => ({ ...f, name: `./${f.name}`, time })));
  return arOf([
    { name: 'debian-binary', bytes: text('2.0\n'), time }, { name: `control.tar.${suffix}`, bytes: pack(control), time },
      { name: `data.tar.${suffix}`, bytes: pack(content), time },
  ]);
}

/** The program of the examples; what differs is given. */
export const programOf = (change: Partial<Program> = {}): Buffer => elfOf({
  code: Buffer.from(Array.from({ length: 800 }, (_, i) => (i * 37 + 11) % 251)), constants: Buffer.from('usage: example [file]\0version 1.0\0'.repeat(8)),
  buildId: Buffer.alloc(20, 0xaa), debugFile: `${'ab'.repeat(19)}.debug`, debugSum: 0x1234_5678, ...change,
});
