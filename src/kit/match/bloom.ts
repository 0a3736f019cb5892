/**
 * Bloom filters over keys, to be given to those who ask millions of times and are mostly told no: what it says no to is not in the list.
 * Keys are hashes already (of values, or blind under a secret), so their own bytes are the filter's hashes. The bytes are those of
 * docs/specs/match.md.
 */
import { fromHex } from '#kit/encoding';

const magic = [0x45, 0x4e, 0x54, 0x42, 0x4c, 0x4f, 0x4f, 0x4d];
const version = 1;
const headBytes = 32;
const mostBits = 2 ** 33;
export const mostHashes = 32;

export interface BloomShape {
  readonly bits: number;
  /** How many bits a key sets. */
  readonly hashes: number;
}
export interface Bloom extends BloomShape {
  /** Keys put in. */
  readonly keys: number;
  /** Whether keys are blind ones. */
  readonly keyed: boolean;
  /** False is certain. Takes 32 hex digits, as `keyOf` and `blindKeyOf` give them; of anything else it is false. */
  has(key: string): boolean;
}

/** The smallest filter that is wrong about `rate` of all keys it does not hold, once it holds `count`. */
export function bloomShape(count: number, rate = 0.01): BloomShape {
  const bits = Math.max(64, Math.ceil((-Math.max(1, count) * Math.log(rate)) / Math.LN2 ** 2));
  if (!(rate > 0 && rate < 1) || !Number.isSafeInteger(count) || count < 0 || bits > mostBits) throw new RangeError('no filter of this size');
  return { bits, hashes: Math.min(mostHashes, Math.max(1, Math.round((bits / Math.max(1, count)) * Math.LN2))) };
}

/** Little-endian, six bytes: sums of them stay exact. */
function number48(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 5; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}

/** The places of a key, each told; stops where it is answered with false. */
function eachPlace(key: string, { bits, hashes }: BloomShape, take: (place: number) => boolean): boolean {
  const bytes = key.length === 32 ? fromHex(key) : null;
  if (!bytes) return false;
  const first = number48(bytes, 0);
  const second = number48(bytes, 6);
  for (let i = 0; i < hashes; i++) if (!take((first + i * second) % bits)) return false;
  return true;
}

/** Fills a filter of its own; `bytes` is the file. */
export class BloomWriter {
  private readonly shape: BloomShape;
  private readonly file: Uint8Array;
  private readonly keyed: boolean;
  private keys = 0;

  /** `count` is how many keys will come; with more it is wrong more often. */
  constructor(count: number, { rate = 0.01, keyed = false }: { readonly rate?: number; readonly keyed?: boolean } = {}) {
    this.shape = bloomShape(count, rate);
    this.keyed = keyed;
    this.file = new Uint8Array(headBytes + Math.ceil(this.shape.bits / 8));
  }

  /** False where the text is no key. */
  add(key: string): boolean {
    const taken = eachPlace(key, this.shape, (place) => {
      const at = headBytes + Math.floor(place / 8);
      this.file[at] = (this.file[at] as number) | (1 << place % 8);
      return true;
    });
    if (taken) this.keys++;
    return taken;
  }

  bytes(): Uint8Array {
    const view = new DataView(this.file.buffer);
    this.file.set(magic);
    view.setUint8(8, version);
    view.setUint8(9, this.shape.hashes);
    view.setUint8(10, this.keyed ? 1 : 0);
    view.setBigUint64(16, BigInt(this.shape.bits), true);
    view.setBigUint64(24, BigInt(this.keys), true);
    return this.file;
  }
}

/** Null where the bytes are no such filter: another version, a size that does not fit, bits set behind the last. */
export function readBloom(bytes: Uint8Array): Bloom | null {
  if (bytes.length < headBytes || magic.some((byte, i) => bytes[i] !== byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hashes = view.getUint8(9);
  const flags = view.getUint8(10);
  const bits = Number(view.getBigUint64(16, true));
  const keys = Number(view.getBigUint64(24, true));
  const known = view.getUint8(8) === version && flags <= 1 && view.getUint8(11) === 0 && view.getUint32(12) === 0 && hashes >= 1 && hashes <= mostHashes;
  if (!known || bits < 64 || bits > mostBits || !Number.isSafeInteger(keys) || bytes.length !== headBytes + Math.ceil(bits / 8)) return null;
  if (bits % 8 !== 0 && (bytes.at(-1) as number) >> bits % 8 !== 0) return null;
  const shape = { bits, hashes };
  return {
    ...shape, keys, keyed: flags === 1,
    has: (key) => eachPlace(key, shape, (place) => ((bytes[headBytes + Math.floor(place / 8)] as number) & (1 << place % 8)) !== 0),
  };
}
