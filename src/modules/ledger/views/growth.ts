/**
 * Consistency proofs (RFC 6962 section 2.1.2) made in the browser from the log's public tiles, with WebCrypto's
 * asynchronous digest; kit/merkle verifies them. Reads each tile once; hashes at most a tile's worth a node.
 */
import { concatBytes } from '#kit/encoding';
import { webVerifying } from '#kit/hash/web';
import { tilePath, tileWidth, widthIn } from '#kit/merkle/tiles';

const hashBytes = 32;
const nodePrefix = new Uint8Array([1]);

export type Bytes = (url: string) => Promise<Uint8Array>;

function largestPowerBelow(n: number): number {
  const bits = Math.ceil(Math.log2(n)) - 1;
  return 2 ** bits;
}

/** Head of a range of the tree of `size` leaves whose tiles `bytes` fetches. */
function headsOf(size: number, bytes: Bytes): (lo: number, hi: number) => Promise<Uint8Array> {
  const { sha256 } = webVerifying();
  const tiles = new Map<string, Promise<Uint8Array>>();
  const tile = (level: number, index: number): Promise<Uint8Array> => {
    const path = tilePath({ level, index, width: widthIn(size, level, index) });
    const got = tiles.get(path) ?? bytes(`/ledger/${path}`);
    tiles.set(path, got);
    return got;
  };
  const node = async (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(nodePrefix, left, right));
  return async function head(lo: number, hi: number): Promise<Uint8Array> {
    const count = hi - lo;
    const unit = tileWidth ** Math.floor(Math.log2(count) / Math.log2(tileWidth) + 1e-9);
    const whole = count === 2 ** Math.round(Math.log2(count)) && lo % count === 0;
    if (whole && count === unit) {
      const level = Math.round(Math.log2(unit) / Math.log2(tileWidth));
      const first = lo / unit;
      const hashes = await tile(level, Math.floor(first / tileWidth));
      const at = (first % tileWidth) * hashBytes;
      return hashes.slice(at, at + hashBytes);
    }
    const split = lo + largestPowerBelow(count);
    return node(await head(lo, split), await head(split, hi));
  };
}

/** Proof that the first `from` leaves of the tree of `to` are the tree of `from`. */
export async function growthProof(from: number, to: number, bytes: Bytes): Promise<Uint8Array[]> {
  if (from === 0 || from === to) return [];
  const head = headsOf(to, bytes);
  const walk = async (lo: number, hi: number, m: number, whole: boolean): Promise<Uint8Array[]> => {
    if (m === hi) return whole ? [] : [await head(lo, hi)];
    const split = lo + largestPowerBelow(hi - lo);
    if (m <= split) return [...await walk(lo, split, m, whole), await head(split, hi)];
    return [...await walk(split, hi, m, false), await head(lo, split)];
  };
  return walk(0, to, from, true);
}
