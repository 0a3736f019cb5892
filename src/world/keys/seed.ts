/** A signer from its 32-byte seed: Ed25519 (RFC 8032) by node:crypto, ML-DSA-44 (FIPS 204) by kit/hash. */
import { createPrivateKey, sign } from 'node:crypto';
import type { KeyKind, Signer } from './port.ts';

/** PKCS8 of an Ed25519 key (RFC 8410) is these bytes and the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export async function signerFromSeed(vkeyName: string, seed: Uint8Array, kind: KeyKind = 'ed25519'): Promise<Signer> {
  if (seed.length !== 32) throw new Error(`the seed of ${vkeyName} has ${seed.length} bytes, not 32`);
  if (kind === 'ml-dsa-44') {
    // Loaded when it is wanted: few hubs have such a key.
    const { mlDsa44FromSeed } = await import('#kit/hash/mldsa');
    const made = mlDsa44FromSeed(new Uint8Array(seed));
    return { vkeyName, publicKey: made.publicKey, sign: async (message) => made.sign(message) };
  }
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { vkeyName, publicKey, sign: async (message) => new Uint8Array(sign(null, message, key)) };
}
