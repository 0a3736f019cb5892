/** XXH64 (xxHash, seed 0), of which Zstandard frames keep the lower 32 bits. Written for being right, not quick: only files that differ need it. */

const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n,
] as [bigint, bigint, bigint, bigint, bigint];
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const turn = (value: bigint, by: bigint): bigint => wrap((value << by) | (value >> (64n - by)));
const round = (sum: bigint, lane: bigint): bigint => wrap(turn(wrap(sum + lane * p2), 31n) * p1);
const merge = (sum: bigint, lane: bigint): bigint => wrap((sum ^ round(0n, lane)) * p1 + p4);

function tail(view: DataView, from: number, start: bigint): bigint {
  let [sum, at] = [start, from];
  for (; at + 8 <= view.byteLength; at += 8) sum = wrap(turn(sum ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4);
  for (; at + 4 <= view.byteLength; at += 4) sum = wrap(turn(sum ^ wrap(BigInt(view.getUint32(at, true)) * p1), 23n) * p2 + p3);
  for (; at < view.byteLength; at++) sum = wrap(turn(sum ^ wrap(BigInt(view.getUint8(at)) * p5), 11n) * p1);
  sum = wrap((sum ^ (sum >> 33n)) * p2);
  sum = wrap((sum ^ (sum >> 29n)) * p3);
  return sum ^ (sum >> 32n);
}

/** The lower 32 bits. */
export function xxh64(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let sum = p5;
  if (bytes.length >= 32) {
    let [a, b, c, d] = [wrap(p1 + p2), p2, 0n, wrap(-p1)];
    for (; at + 32 <= bytes.length; at += 32) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    sum = wrap(turn(a, 1n) + turn(b, 7n) + turn(c, 12n) + turn(d, 18n));
    for (const lane of [a, b, c, d]) sum = merge(sum, lane);
  }
  return Number(BigInt.asUintN(32, tail(view, at, wrap(sum + BigInt(bytes.length)))));
}
