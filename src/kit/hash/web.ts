/** Hashing and signatures by the Web Cryptography API, for proofs and checkpoints that a reader checks in the browser. */
import { ecdsaCurve, rawEcdsa } from './ecdsa.ts';
import type { Verifying } from './port.ts';

export function webVerifying(): Verifying {
  const { subtle } = globalThis.crypto;
  const own = (bytes: Uint8Array) => new Uint8Array(bytes);
  return {
    sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', own(bytes))),
    async verifyEd25519(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64) return false;
      const key = await subtle.importKey('raw', own(publicKey), 'Ed25519', false, ['verify']).catch(() => null);
      return key !== null && subtle.verify('Ed25519', key, own(signature), own(message));
    },
    async verifyEcdsa(spki, message, signature) {
      const curve = ecdsaCurve(spki);
      const raw = curve && rawEcdsa(signature, curve.bytes);
      if (!raw) return false;
      const algorithm = { name: 'ECDSA', namedCurve: curve.name };
      const key = await subtle.importKey('spki', own(spki), algorithm, false, ['verify']).catch(() => null);
      return key !== null && subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, own(raw), own(message));
    },
    async verifyMlDsa44(publicKey, message, signature) {
      return (await import('./mldsa.ts')).verifyMlDsa44(publicKey, message, signature);
    },
  };
}
