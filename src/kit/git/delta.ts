/** A file as what changed against another: git's deltas (gitformat-pack, "Deltified representation"). */
import { ArchiveError } from '#kit/archive/refused';

/** Bytes of the largest object that is read: it is held whole. */
export const objectMax = 256 * 1_048_576;

/** A number of seven bits a byte, the lowest first; -1 where there is none, or it is too large for anything. */
export function sizeAt(bytes: Buffer, place: { at: number }, value = 0, shift = 1): number {
  for (let times = shift; ; times *= 128) {
    const byte = bytes[place.at++];
    if (byte === undefined || times > 2 ** 45) return -1;
    value += (byte & 0x7f) * times;
    if (byte < 0x80) return value;
  }
}

/** What a delta makes of its base. Throws an ArchiveError where it does not belong to it, or is broken. */
export function patched(base: Buffer, delta: Buffer, where: string): Buffer {
  const broken = (): ArchiveError => new ArchiveError('A change in the bundle does not fit what it changes.', where);
  const place = { at: 0 };
  const [from, to] = [sizeAt(delta, place), sizeAt(delta, place)];
  if (from !== base.length || to < 0) throw broken();
  if (to > objectMax) throw new ArchiveError(`A file of the bundle is larger than ${objectMax} bytes.`, where);
  const made = Buffer.allocUnsafe(to);
  let [at, out] = [place.at, 0];
  while (at < delta.length) {
    const act = delta[at++] as number;
    if (act === 0) throw broken();
    let [start, length] = [0, act];
    if (act >= 0x80) {
      length = 0;
      // Which bytes of the place and of the length are there is said by the bits; what runs past the end reads as nothing.
      for (let bit = 0; bit < 4; bit++) if ((act & (1 << bit)) !== 0) start += (delta[at++] ?? 0) * 2 ** (8 * bit);
      for (let bit = 0; bit < 3; bit++) if ((act & (16 << bit)) !== 0) length += (delta[at++] ?? 0) * 2 ** (8 * bit);
      if (length === 0) length = 65_536;
    }
    const source = act >= 0x80 ? base : delta;
    if (act < 0x80) {
      start = at;
      at += length;
    }
    if (at > delta.length || start + length > source.length || out + length > to) throw broken();
    source.copy(made, out, start, start + length);
    out += length;
  }
  if (out !== to) throw broken();
  return made;
}
