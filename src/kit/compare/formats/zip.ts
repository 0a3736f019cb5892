/**
 * Reads zip (APPNOTE 6.3: stored or deflated, no encryption, no zip64), which jar and wheel are too, into pieces. What its list says
 * of a member and what the member says of itself must be the same, so that no two readers see two archives.
 */
import { crc32 } from 'node:zlib';
import { ArchiveFault, memberName, tiled, utf8, viewOf, type Budget, type Piece } from '../piece.ts';
import { inflateAt } from '../unpack.ts';

const signs = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, descriptor: 0x08074b50 } as const;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length >= 22 && [signs.local, signs.end].includes(viewOf(bytes).getUint32(0, true) as 0x04034b50);

interface Entry {
  readonly name: string; readonly at: number; readonly end: number; readonly local: number; readonly flags: number; readonly method: number;
  readonly crc: number; readonly packed: number; readonly size: number; readonly extra: number; readonly comment: number;
}

function endOf(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 65_535); at--) {
    if (view.getUint32(at, true) === signs.end && view.getUint16(at + 20, true) === bytes.length - at - 22) return at;
  }
  throw new ArchiveFault('truncated', 'The zip has no end, or breaks off.');
}

function entryAt(bytes: Uint8Array, at: number): Entry {
  const view = viewOf(bytes);
  if (at + 46 > bytes.length || view.getUint32(at, true) !== signs.central) throw new ArchiveFault('broken', 'The list of the zip’s files is broken.');
  const name = at + 46;
  const extra = name + view.getUint16(at + 28, true);
  const comment = extra + view.getUint16(at + 30, true);
  const end = comment + view.getUint16(at + 32, true);
  if (end > bytes.length) throw new ArchiveFault('truncated', 'The list of the zip’s files breaks off.');
  const entry = {
    name: utf8(bytes, name, extra), at, end, local: view.getUint32(at + 42, true), flags: view.getUint16(at + 8, true), extra, comment,
    method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true),
  };
  if ((entry.flags & 0x41) !== 0) throw new ArchiveFault('unsupported', 'The zip is encrypted.');
  if (entry.method !== 0 && entry.method !== 8) throw new ArchiveFault('unsupported', `The zip packs by method ${entry.method}, which is not read.`);
  if ([entry.packed, entry.size, entry.local].includes(0xffff_ffff)) throw new ArchiveFault('unsupported', 'The zip is larger than is read.');
  memberName(entry.name);
  return entry;
}

const signatureFile = /^META-INF\/[^/]+\.(SF|RSA|DSA|EC)$/i;

/** Extra fields: the extended times are times of the archive, everything else is not. */
function extraPieces(bytes: Uint8Array, from: number, to: number, key: string): Piece[] {
  const view = viewOf(bytes);
  const pieces: Piece[] = [];
  let at = from;
  for (let n = 1; at + 4 <= to; n++) {
    const [id, end] = [view.getUint16(at, true), at + 4 + view.getUint16(at + 2, true)];
    if (end > to) break;
    pieces.push({ key: `${key}: extra field ${n} (${id.toString(16)})`, from: at, to: end, ...(id === 0x5455 ? { rule: 'archive-time' } as const : {}) });
    at = end;
  }
  if (at < to) pieces.push({ key: `${key}: rest of extra fields`, from: at, to });
  return pieces;
}

/** Where the descriptor behind a member's data ends; it must say what the list says. */
function descriptorEnd(bytes: Uint8Array, entry: Entry, at: number): number {
  const view = viewOf(bytes);
  for (const from of [at + 4, at]) {
    if (from + 12 > bytes.length || (from > at && view.getUint32(at, true) !== signs.descriptor)) continue;
    const fits = view.getUint32(from, true) === entry.crc && view.getUint32(from + 4, true) === entry.packed && view.getUint32(from + 8, true) === entry.size;
    if (fits) return from + 12;
  }
  throw new ArchiveFault('disagrees', 'What follows a file of the zip is not what its list says.');
}

function localPieces(bytes: Uint8Array, entry: Entry, budget: Budget): Piece[] {
  const view = viewOf(bytes);
  const at = entry.local;
  if (at + 30 > bytes.length || view.getUint32(at, true) !== signs.local) throw new ArchiveFault('broken', 'A file of the zip is not where its list says.');
  const extra = at + 30 + view.getUint16(at + 26, true);
  const from = extra + view.getUint16(at + 28, true);
  const to = from + entry.packed;
  if (to > bytes.length) throw new ArchiveFault('truncated', 'A file of the zip is longer than the zip.');
  const later = (entry.flags & 8) !== 0;
  const stated = [view.getUint32(at + 14, true), view.getUint32(at + 18, true), view.getUint32(at + 22, true)];
  const right = later && stated.every((n) => n === 0) ? true : stated[0] === entry.crc && stated[1] === entry.packed && stated[2] === entry.size;
  if (!right || utf8(bytes, at + 30, extra) !== entry.name || view.getUint16(at + 8, true) !== entry.method) {
    throw new ArchiveFault('disagrees', `The zip’s list and its file ${JSON.stringify(entry.name.slice(0, 80))} say different things.`);
  }
  const key = entry.name;
  const end = later ? descriptorEnd(bytes, entry, to) : to;
  const content = (): Uint8Array => {
    const raw = bytes.subarray(from, to);
    const unpacked = entry.method === 0 ? { out: raw, end: to } : inflateAt(bytes, from, to, budget);
    if (unpacked.end !== to || unpacked.out.length !== entry.size || crc32(unpacked.out) !== entry.crc) {
      throw new ArchiveFault('disagrees', `The file ${JSON.stringify(key.slice(0, 80))} of the zip is not what its list states.`);
    }
    return unpacked.out;
  };
  return [
    { key: `${key}: head`, from: at, to: at + 10 }, { key: `${key}: time`, from: at + 10, to: at + 14, rule: 'archive-time' },
    { key: `${key}: checksum and sizes`, from: at + 14, to: at + 26, rule: 'bookkeeping' }, { key: `${key}: name`, from: at + 26, to: extra },
    ...extraPieces(bytes, extra, from, key),
    { key, from, to, inner: { name: key, packed: entry.method !== 0, bytes: () => Promise.resolve().then(content) } },
    { key: `${key}: checksum and sizes after it`, from: to, to: end, rule: 'bookkeeping' },
  ];
}

function centralPieces(bytes: Uint8Array, { name, at, extra, comment, end }: Entry): Piece[] {
  const key = `list, ${name}`;
  return [
    { key: `${key}: head`, from: at, to: at + 12 }, { key: `${key}: time`, from: at + 12, to: at + 16, rule: 'archive-time' },
    { key: `${key}: checksum and sizes`, from: at + 16, to: at + 28, rule: 'bookkeeping' }, { key: `${key}: lengths and attributes`,
      from: at + 28, to: at + 42 },
    { key: `${key}: place`, from: at + 42, to: at + 46, rule: 'bookkeeping' }, { key: `${key}: name`, from: at + 46, to: extra },
    ...extraPieces(bytes, extra, comment, key), { key: `${key}: comment`, from: comment, to: end },
  ];
}

export function readZip(bytes: Uint8Array, budget: Budget): Piece[] {
  const view = viewOf(bytes);
  const end = endOf(bytes);
  const [count, size, start] = [view.getUint16(end + 10, true), view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) throw new ArchiveFault('unsupported',
    'The zip is one of several parts.');
  budget.members(count);
  const entries: Entry[] = [];
  const names = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    const entry = entryAt(bytes, at);
    if (names.has(entry.name)) throw new ArchiveFault('disagrees', `The zip has two files named ${JSON.stringify(entry.name.slice(0, 80))}.`);
    names.add(entry.name);
    entries.push(entry);
    at = entry.end;
  }
  if (at !== start + size) throw new ArchiveFault('disagrees', 'The list of the zip’s files is not as long as the zip says.');
  const pieces = entries.flatMap((entry) => {
    const both = [...localPieces(bytes, entry, budget), ...centralPieces(bytes, entry)];
    return signatureFile.test(entry.name) ? both.map((piece): Piece => ({ key: piece.key, from: piece.from, to: piece.to, rule: 'signature' })) : both;
  });
  pieces.push(
    { key: 'end: sign', from: end, to: end + 8 }, { key: 'end: counts and place', from: end + 8, to: end + 20, rule: 'bookkeeping' },
    { key: 'end: comment', from: end + 20, to: bytes.length },
  );
  return tiled(pieces, bytes.length);
}
