/** Reads Mach-O (32 and 64 bits, both byte orders, and files of several architectures) into load commands, sections and what lies between. */
import { ArchiveFault, Keys, latin1, tiled, viewOf, type Budget, type Piece } from '../piece.ts';

const magics = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe];
const first = (bytes: Uint8Array): number => (bytes.length >= 28 ? viewOf(bytes).getUint32(0) : 0);

export const isMachO = (bytes: Uint8Array): boolean => magics.includes(first(bytes));
/** Its magic is that of Java classes; those have a version of 45 or more where this has the number of architectures. */
export const isFat = (bytes: Uint8Array): boolean => first(bytes) === 0xcafebabe && viewOf(bytes).getUint32(4) < 45;

export function readFat(bytes: Uint8Array, budget: Budget): Piece[] {
  const view = viewOf(bytes);
  const count = view.getUint32(4);
  const end = 8 + count * 20;
  if (end > bytes.length) throw new ArchiveFault('truncated', 'The list of architectures breaks off.');
  budget.members(count);
  const keys = new Keys();
  return tiled([{ key: 'architectures', from: 0, to: end }, ...Array.from({ length: count }, (_, i): Piece => {
    const at = 8 + i * 20;
    const [from, size] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (from + size > bytes.length) throw new ArchiveFault('truncated', 'An architecture ends behind the end of the file.');
    const key = keys.of(`architecture ${view.getUint32(at).toString(16)}`);
    const content = bytes.subarray(from, from + size);
    return { key, from, to: from + size, inner: { name: key, packed: false, bytes: () => Promise.resolve(content) } };
  })], bytes.length);
}

const segment = 1;
const segment64 = 0x19;

function sectionsIn(bytes: Uint8Array, at: number, size: number, wide: boolean, little: boolean, keys: Keys): Piece[] {
  const view = viewOf(bytes);
  const u32 = (place: number): number => view.getUint32(place, little);
  const count = u32(at + (wide ? 64 : 48));
  const [start, each] = wide ? [72, 80] : [56, 68];
  if (start + count * each > size) throw new ArchiveFault('broken', 'A segment has more sections than its command holds.');
  return Array.from({ length: count }, (_, i): Piece | null => {
    const s = at + start + i * each;
    const name = (from: number): string => latin1(bytes, from, from + 16).replace(/\0[\s\S]*$/, '');
    const address = wide ? view.getBigUint64(s + 32, little) : BigInt(u32(s + 32));
    const length = wide ? Number(view.getBigUint64(s + 40, little)) : u32(s + 36);
    const [from, flags] = [u32(s + (wide ? 48 : 40)), u32(s + (wide ? 64 : 56))];
    // Zero-filled kinds have no bytes in the file.
    if ([1, 12, 18].includes(flags & 0xff) || length === 0) return null;
    const run = (flags & 0x8000_0400) !== 0;
    return { key: keys.of(`${name(s + 16)},${name(s)}`), from, to: from + length, ...(run ? { executable: true, address } : {}) };
  }).filter((piece) => piece !== null);
}

export function readMachO(bytes: Uint8Array, budget: Budget): Piece[] {
  const magic = first(bytes);
  const little = magic === 0xcefaedfe || magic === 0xcffaedfe;
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  const view = viewOf(bytes);
  const count = view.getUint32(16, little);
  budget.members(count);
  const [keys, commands] = [new Keys(), new Keys()];
  let at = wide ? 32 : 28;
  const pieces: Piece[] = [{ key: 'header', from: 0, to: at }];
  for (let i = 0; i < count; i++) {
    if (at + 8 > bytes.length) throw new ArchiveFault('truncated', 'The load commands break off.');
    const [kind, size] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    if (size < 8 || at + size > bytes.length) throw new ArchiveFault('broken', 'A load command is broken.');
    pieces.push({ key: commands.of(`command ${(kind & 0x7fff_ffff).toString(16)}`), from: at, to: at + size });
    if (kind === segment || kind === segment64) {
      if (size < (kind === segment64 ? 72 : 56)) throw new ArchiveFault('broken', 'A load command is broken.');
      pieces.push(...sectionsIn(bytes, at, size, kind === segment64, little, keys));
    }
    at += size;
  }
  return tiled(pieces, bytes.length);
}
