/**
 * Hashing and signature checking as parameters, so that the same proof, note and bundle code runs in Node and in the
 * browser. `node.ts` and `web.ts` are the two suppliers; nothing else here imports a cryptography library.
 */

export type Awaitable<T> = T | Promise<T>;

/** Sizes of ML-DSA-44 (FIPS 204). */
export const mlDsa44Bytes = { publicKey: 1312, signature: 2420 } as const;

/** The least a verifier needs; both suppliers have it. A check is false for whatever does not verify; it never throws. */
export interface Verifying {
  sha256(bytes: Uint8Array): Awaitable<Uint8Array>;
  /** Raw key and signature (RFC 8032), 32 and 64 bytes. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Awaitable<boolean>;
  /** Key as DER SubjectPublicKeyInfo on P-256, P-384 or P-521, signature as DER, over SHA-256. */
  verifyEcdsa(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): Awaitable<boolean>;
  /** Raw key and signature (FIPS 204), 1312 and 2420 bytes. */
  verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Awaitable<boolean>;
}

/** RFC 6962 hashing in bulk, synchronous: what building trees and checking whole ledgers needs. */
export interface TreeHash {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** SHA-256(0x00 || entry). */
  leaf(entry: Uint8Array): Uint8Array;
  /** Whether SHA-256 of these bytes is the hash that begins at `at`. */
  matches(bytes: Uint8Array, hashes: Uint8Array, at: number): boolean;
  /** 2n hashes in, n hashes SHA-256(0x01 || left || right) out, all concatenated. */
  pairs(hashes: Uint8Array): Uint8Array;
  /** `pairs` over and over: the heads of complete subtrees of 2^levels hashes each. */
  fold(hashes: Uint8Array, levels: number): Uint8Array;
}

/** `fold` by whatever hashes pairs. */
export function foldPairs(pairs: (hashes: Uint8Array) => Uint8Array, hashes: Uint8Array, levels: number): Uint8Array {
  let level = hashes;
  for (let i = 0; i < levels; i++) level = pairs(level);
  return level;
}

/** Bytes in any number of pieces. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** Tree hashing from any synchronous SHA-256. */
export function treeHashOf(sha256: (bytes: Uint8Array) => Uint8Array): TreeHash {
  const pairs = (hashes: Uint8Array): Uint8Array => {
    const out = new Uint8Array(hashes.length / 2);
    const input = new Uint8Array(65);
    input[0] = 1;
    for (let at = 0; at < out.length; at += 32) {
      input.set(hashes.subarray(at * 2, at * 2 + 64), 1);
      out.set(sha256(input), at);
    }
    return out;
  };
  return {
    sha256,
    leaf(entry) {
      const input = new Uint8Array(entry.length + 1);
      input.set(entry, 1);
      return sha256(input);
    },
    matches(bytes, hashes, at) {
      const hash = sha256(bytes);
      return hash.every((byte, i) => byte === hashes[at + i]);
    },
    pairs,
    fold: (hashes, levels) => foldPairs(pairs, hashes, levels),
  };
}
