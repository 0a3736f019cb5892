/**
 * Hashing and signatures by node:crypto. `crypto.hash` with a one-byte-per-character result is three times as quick as
 * one that allocates a Buffer, which is what building and checking large trees spends its time on.
 */
import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ecdsaCurve, rawEcdsa } from './ecdsa.ts';
import { startKernel } from './kernel.ts';
import { inLanes } from './lanes.ts';
import { foldPairs } from './port.ts';
import type { RunningDigest, TreeHash, Verifying } from './port.ts';

/** Where what is hashed is put together; no call leaves anything in it that another reads. */
const scratch = Buffer.alloc(4097);

/** Copies a digest that came as one character a byte: quicker than any other way to get at its bytes. */
function put(digest: string, out: Uint8Array, at: number): void {
  for (let i = 0; i < 32; i++) out[at + i] = digest.charCodeAt(i);
}

function sha256(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  put(hash('sha256', bytes, 'binary'), out, 0);
  return out;
}

function leaf(entry: Uint8Array): Uint8Array {
  const input = entry.length < scratch.length ? scratch.subarray(0, entry.length + 1) : Buffer.allocUnsafe(entry.length + 1);
  input[0] = 0;
  input.set(entry, 1);
  return sha256(input);
}

function matches(bytes: Uint8Array, hashes: Uint8Array, at: number): boolean {
  const found = hash('sha256', bytes, 'binary');
  for (let i = 0; i < 32; i++) if (found.charCodeAt(i) !== hashes[at + i]) return false;
  return true;
}

function pairs(hashes: Uint8Array): Uint8Array {
  const out = new Uint8Array(hashes.length / 2);
  const input = scratch.subarray(0, 65);
  input[0] = 1;
  for (let at = 0; at < out.length; at += 32) {
    input.set(hashes.length === 64 ? hashes : hashes.subarray(at * 2, at * 2 + 64), 1);
    put(hash('sha256', input, 'binary'), out, at);
  }
  return out;
}

/** A call of `crypto.hash` for each node: quickest for one or two, and where there are no 128-bit registers. */
export const plainTreeHash: TreeHash = {
  sha256, leaf, matches, pairs, fold: (hashes, levels) => foldPairs(pairs, hashes, levels),
};

/** Many nodes at a time by the kernel. */
export const nodeTreeHash: TreeHash = inLanes(plainTreeHash, startKernel);

/** A raw 32-byte Ed25519 public key as node:crypto wants it. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
    format: 'jwk',
  });
}

export const nodeVerifying: Verifying = {
  sha256,
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    return verify(null, message, ed25519PublicKey(publicKey), signature);
  },
  verifyEcdsa(spki, message, signature) {
    const curve = ecdsaCurve(spki);
    if (!curve || !rawEcdsa(signature, curve.bytes)) return false;
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      return verify('sha256', message, { key, dsaEncoding: 'der' }, signature);
    } catch {
      return false; // A point that is not on the curve.
    }
  },
  async verifyMlDsa44(publicKey, message, signature) {
    return (await import('./mldsa.ts')).verifyMlDsa44(publicKey, message, signature);
  },
};

export function nodeDigest(): RunningDigest {
  const running = createHash('sha256');
  return { update: (bytes) => { running.update(bytes); }, digest: () => running.digest() };
}
