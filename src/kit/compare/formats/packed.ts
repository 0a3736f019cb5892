/** Reads what holds one packed thing: gzip (RFC 1952), xz and Zstandard. */
import { crc32 } from 'node:zlib';
import { ArchiveFault, latin1, tiled, viewOf, type Budget, type Piece } from '../piece.ts';
import { inflateAt, isZst, unpackXz, unpackZst } from '../unpack.ts';

export { isZst };
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
export const isXz = (bytes: Uint8Array): boolean => latin1(bytes, 0, 6) === '\u00fd7zXZ\0';

/** Runs once; what was unpacked is kept as long as the piece. */
function once(unpack: () => Promise<Uint8Array>): () => Promise<Uint8Array> {
  const kept: { bytes: Promise<Uint8Array> | null } = { bytes: null };
  return () => (kept.bytes ??= unpack());
}

/** `data.tar` of `data.tar.xz`, `package.tar` of `package.tgz`. */
const innerName = (name: string): string =>
  name.replace(/\.(tgz|txz)$/, '.tar.gz').replace(/\.(gz|xz|zst)$/, '') || 'content';

function textEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(0, from);
  if (end < 0) throw new ArchiveFault('truncated', 'The head of the gzip data breaks off.');
  return end + 1;
}

export function readGzip(bytes: Uint8Array, budget: Budget, name: string): Piece[] {
  const flags = bytes[3] ?? 0;
  if ((flags & 0xe0) !== 0 || bytes.length < 20) throw new ArchiveFault('broken', 'The head of the gzip data is broken.');
  const pieces: Piece[] = [
    { key: 'magic, method and flags', from: 0, to: 4 }, { key: 'time', from: 4, to: 8, rule: 'archive-time' },
    { key: 'level and system', from: 8, to: 10 },
  ];
  let at = 10;
  if ((flags & 4) !== 0) {
    const end = at + 2 + viewOf(bytes).getUint16(at, true);
    if (end > bytes.length) throw new ArchiveFault('truncated', 'The head of the gzip data breaks off.');
    pieces.push({ key: 'extra field', from: at, to: end });
    at = end;
  }
  for (const [bit, key] of [[8, 'file name'], [16, 'comment']] as const) {
    if ((flags & bit) === 0) continue;
    const end = textEnd(bytes, at);
    pieces.push({ key, from: at, to: end });
    at = end;
  }
  if ((flags & 2) !== 0) {
    pieces.push({ key: 'checksum of the head', from: at, to: at + 2 });
    at += 2;
  }
  const { out, end } = inflateAt(bytes, at, bytes.length, budget);
  if (end + 8 > bytes.length) throw new ArchiveFault('truncated', 'The gzip data breaks off.');
  const view = viewOf(bytes);
  if (view.getUint32(end, true) !== crc32(out) || view.getUint32(end + 4, true) !== out.length % 2 ** 32) {
    throw new ArchiveFault('disagrees', 'The gzip data does not fit its checksum.');
  }
  pieces.push(
    { key: 'packed data', from: at, to: end, inner: { name: innerName(name), packed: true, bytes: () => Promise.resolve(out) } },
    { key: 'checksum and length', from: end, to: end + 8, rule: 'bookkeeping' },
  );
  return tiled(pieces, bytes.length);
}

/** Several members, or bytes behind the first, are seen as a piece after the end. */
export const readXz = (bytes: Uint8Array, budget: Budget, name: string): Piece[] => [
  { key: 'packed data', from: 0, to: bytes.length, inner: { name: innerName(name), packed: true, bytes: once(() => unpackXz(bytes, budget)) } },
];

export const readZst = (bytes: Uint8Array, budget: Budget, name: string): Piece[] => [
  { key: 'packed data', from: 0, to: bytes.length,
    inner: { name: innerName(name), packed: true, bytes: once(() => Promise.resolve().then(() => unpackZst(bytes, budget))) } },
];
