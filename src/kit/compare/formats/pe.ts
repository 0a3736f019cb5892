/** Reads PE (Windows programs and libraries) into headers, sections, what lies between, and the table of certificates, which is never loaded. */
import { ArchiveFault, Keys, latin1, tiled, viewOf, type Budget, type Piece } from '../piece.ts';

export function isPe(bytes: Uint8Array): boolean {
  if (bytes.length < 256 || bytes[0] !== 0x4d || bytes[1] !== 0x5a) return false;
  const at = viewOf(bytes).getUint32(60, true);
  return at + 24 < bytes.length && latin1(bytes, at, at + 4) === 'PE\0\0';
}

/** Certificates one after another, each DER of the length it states, padded with less than eight zeros: nothing else hides in the table. */
function soundCertificates(bytes: Uint8Array, from: number, to: number): boolean {
  const view = viewOf(bytes);
  let at = from;
  while (at + 12 <= to) {
    const length = view.getUint32(at, true);
    const end = at + Math.ceil(length / 8) * 8;
    if (length < 12 || end > to || bytes[at + 8] !== 0x30) return false;
    const first = bytes[at + 9] ?? 0;
    const width = first < 0x80 ? 0 : first & 0x7f;
    let size = width === 0 ? first : 0;
    for (let i = 0; i < width; i++) size = size * 256 + (bytes[at + 10 + i] ?? 0);
    const derEnd = at + 10 + width + size;
    if (width > 4 || derEnd > end || end - derEnd >= 8) return false;
    for (let pad = derEnd; pad < end; pad++) if (bytes[pad] !== 0) return false;
    at = end;
  }
  return at === to;
}

/** The checksum of an image (ImageHlp): sums of 16-bit words with carry, without the checksum itself, plus the length. */
function sumOf(bytes: Uint8Array, checksumAt: number): number {
  const view = viewOf(bytes);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    if (at === checksumAt || at === checksumAt + 2) continue;
    sum += at + 1 < bytes.length ? view.getUint16(at, true) : bytes[at] ?? 0;
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ((sum & 0xffff) + (sum >>> 16)) + bytes.length;
}

interface Headers { readonly optional: number; readonly base: bigint; readonly sections: number; readonly count: number; readonly certificates: { at: number;
  from: number; to: number } | null }

function headersOf(bytes: Uint8Array, pe: number): Headers {
  const view = viewOf(bytes);
  const [count, size] = [view.getUint16(pe + 6, true), view.getUint16(pe + 20, true)];
  const optional = pe + 24;
  const sections = optional + size;
  if (sections + count * 40 > bytes.length || size < 96) throw new ArchiveFault('truncated', 'The headers of the PE file break off.');
  const wide = view.getUint16(optional, true) === 0x20b;
  const base = wide ? view.getBigUint64(optional + 24, true) : BigInt(view.getUint32(optional + 28, true));
  const directories = optional + (wide ? 112 : 96);
  const known = view.getUint32(directories - 4, true);
  const at = directories + 4 * 8;
  const entry = known > 4 && at + 8 <= sections ? { at, from: view.getUint32(at, true), size: view.getUint32(at + 4, true) } : null;
  const certificates = entry === null ? null : { at: entry.at, from: entry.from, to: entry.from + entry.size };
  return { optional, base, sections, count, certificates };
}

export function readPe(bytes: Uint8Array, budget: Budget): Piece[] {
  const view = viewOf(bytes);
  const pe = view.getUint32(60, true);
  const { optional, base, sections, count, certificates } = headersOf(bytes, pe);
  budget.members(count);
  const keys = new Keys();
  const checksum = optional + 64;
  const stated = view.getUint32(checksum, true);
  const right = stated === 0 || stated === sumOf(bytes, checksum);
  const pieces: Piece[] = [
    { key: 'DOS header', from: 0, to: pe }, { key: 'PE header', from: pe, to: optional }, { key: 'optional header', from: optional, to: checksum },
    { key: 'optional header: checksum', from: checksum, to: checksum + 4, ...(right ? { rule: 'bookkeeping' } as const : {}) },
    { key: 'section headers', from: sections, to: sections + count * 40 },
  ];
  if (certificates === null) {
    pieces.push({ key: 'optional header: rest', from: checksum + 4, to: sections });
  } else {
    const sound = certificates.from === certificates.to
      || (certificates.to === bytes.length && soundCertificates(bytes, certificates.from, certificates.to));
    pieces.push(
      { key: 'optional header: rest', from: checksum + 4, to: certificates.at },
      { key: 'optional header: place of certificates', from: certificates.at, to: certificates.at + 8, ...(sound ? { rule: 'bookkeeping' } as const : {}) },
      { key: 'optional header: directories', from: certificates.at + 8, to: sections },
      { key: 'certificates', from: certificates.from, to: certificates.to, ...(sound ? { rule: 'signature' } as const : {}) },
    );
  }
  for (let i = 0; i < count; i++) {
    const at = sections + i * 40;
    const [size, from] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true)];
    const name = keys.of(latin1(bytes, at, at + 8).replace(/\0+$/, '') || `section ${i + 1}`);
    const run = (view.getUint32(at + 36, true) & 0x2000_0020) !== 0;
    const code = run ? { executable: true, address: base + BigInt(view.getUint32(at + 12, true)) } : {};
    if (size > 0 && from > 0) pieces.push({ key: name, from, to: from + size, ...code });
  }
  return tiled(pieces, bytes.length);
}
