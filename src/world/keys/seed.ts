/** An Ed25519 signer from its 32-byte seed (RFC 8032), by node:crypto. */
import { createPrivateKey, sign } from 'node:crypto';
import type { Signer } from './port.ts';

/** PKCS8 of an Ed25519 key (RFC 8410) is these bytes and the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export function signerFromSeed(vkeyName: string, seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new Error(`the seed of ${vkeyName} has ${seed.length} bytes, not 32`);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { vkeyName, publicKey, sign: async (message) => new Uint8Array(sign(null, message, key)) };
}
