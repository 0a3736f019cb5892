/** Hashing and Ed25519 by the Web Cryptography API, for proofs and checkpoints that a reader checks in the browser. */
import type { Verifying } from './port.ts';

export function webVerifying(): Verifying {
  const { subtle } = globalThis.crypto;
  const own = (bytes: Uint8Array) => new Uint8Array(bytes);
  return {
    sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', own(bytes))),
    async verifyEd25519(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      const key = await subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']);
      return subtle.verify('Ed25519', key, own(signature), own(message));
    },
  };
}
