/** What archives hold, whatever they are packed as, and bounds within which one is believed to be meant well. */
import { once } from '#kit/once';
import { ArchiveError } from './refused.ts';

export interface Member {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'same';
  readonly runs: boolean;
  /** Of a link, where it leads; of `same`, the path of the file in the archive that this is too. */
  readonly target: string;
  readonly size: number;
  /** Of a file: has to be read before the next member is asked for; what is left is passed over. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Bytes of an archive that lies somewhere: from one place up to another. */
export type OpenRange = (from: number, to: number) => Promise<AsyncIterable<Uint8Array>>;

export interface Bounds {
  /** Unpacked bytes in all. */
  readonly bytesMax: number;
  readonly membersMax: number;
  /** Called now and then, also where much is read before the first member; throws to stop. */
  readonly goOn?: () => Promise<void> | void;
}

/** Up to here anything may unpack to anything; beyond, to so many times of what it was. Source code packs by four to twenty. */
const [looseBytes, ratioMax] = [64 * 1_048_576, 200];

/** Counts what an archive unpacks to, and refuses one that can only be meant to fill a disk. */
export class Guard {
  readonly #bounds: Bounds;
  readonly #packed: () => number;
  #members = 0;
  #bytes = 0;
  constructor(bounds: Bounds, packed: () => number) {
    [this.#bounds, this.#packed] = [bounds, packed];
  }
  member(path: string): void {
    if (++this.#members > this.#bounds.membersMax) throw new ArchiveError(`The archive holds more than ${this.#bounds.membersMax} entries.`, path);
  }
  bytes(length: number, path: string): void {
    this.#bytes += length;
    if (this.#bytes > this.#bounds.bytesMax) throw new ArchiveError(`The archive unpacks to more than ${this.#bounds.bytesMax} bytes.`, path);
    if (this.#bytes > looseBytes && this.#bytes > this.#packed() * ratioMax) {
      throw new ArchiveError(`The archive unpacks to more than ${ratioMax} times its size.`, path);
    }
  }
}

export async function* nothing(): AsyncGenerator<Uint8Array> {
  // A link and the like have no bytes of their own.
}

/** A file whose bytes are there already. */
export const heldFile = (path: string, { bytes, runs }: { readonly bytes: Uint8Array; readonly runs: boolean }): Member =>
  ({ path, kind: 'file', runs, target: '', size: bytes.length, bytes: once(bytes) });

/** Where a link leads, as a path of the snapshot; null where it is absolute or leads out. The snapshot itself, its top, is within. */
export function linkTarget(path: string, target: string): string | null {
  if (target === '' || target.startsWith('/') || /^[A-Za-z]:/.test(target) || target.includes('\0')) return null;
  const parts = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
