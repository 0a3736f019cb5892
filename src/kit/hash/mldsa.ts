/**
 * ML-DSA-44 (FIPS 204, pure, empty context), by which cosignatures of type 0x06 outlive quantum computers. Suppliers of
 * hashing load this file only when such a signature is met.
 */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { mlDsa44Bytes } from './port.ts';

/** False for whatever does not verify, of whatever length. */
export function verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== mlDsa44Bytes.publicKey || signature.length !== mlDsa44Bytes.signature) return false;
  try {
    return ml_dsa44.verify(signature, message, publicKey);
  } catch {
    return false;
  }
}

export interface MlDsa44Key {
  /** 1312 bytes. */
  readonly publicKey: Uint8Array;
  /** 2420 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * The key of a 32-byte seed. `entropy` gives 32 fresh bytes a signature (the hedged variant, which guards against faults of
 * the machine); without it the same message has the same signature, as vectors want.
 */
export function mlDsa44FromSeed(seed: Uint8Array, entropy?: () => Uint8Array): MlDsa44Key {
  const { publicKey, secretKey } = ml_dsa44.keygen(seed);
  return {
    publicKey,
    sign: (message) => ml_dsa44.sign(message, secretKey, { extraEntropy: entropy ? entropy() : false }),
  };
}
