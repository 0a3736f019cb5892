/**
 * AES-256-GCM with 96 random bits of nonce; the purpose is authenticated beside, so that a secret moved to another row does not
 * open. The text is `s1.KEY.NONCE.BYTES`, KEY the first 16 hex digits of the key's SHA-256.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import type { Random } from '../random.ts';
import { SealBroken, type Secrets } from './port.ts';

/** Keys in the order of their making: the last one seals, all open. */
export function sealedBy(keys: readonly Uint8Array[], random: Random): Secrets {
  const byName = new Map(keys.map((key) => {
    if (key.length !== 32) throw new Error(`a key that seals has ${key.length} bytes, not 32`);
    return [hash('sha256', Buffer.from(key), 'hex').slice(0, 16), key] as const;
  }));
  const [name, key] = [...byName].at(-1) ?? [];
  if (name === undefined || key === undefined) throw new Error('there is no key that seals');
  return {
    seal(purpose, plain) {
      const nonce = random.bytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const bytes = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `s1.${name}.${Buffer.from(nonce).toString('base64url')}.${bytes.toString('base64url')}`;
    },
    open(purpose, sealed) {
      const [, by = '', nonce = '', text = ''] = /^s1\.([0-9a-f]{16})\.([\w-]{16})\.([\w-]+)$/.exec(sealed) ?? [];
      const opening = byName.get(by);
      const bytes = Buffer.from(text, 'base64url');
      if (!opening || bytes.length < 16) throw new SealBroken('the secret was sealed by a key that is not here');
      try {
        const decipher = createDecipheriv('aes-256-gcm', opening, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
        decipher.setAAD(Buffer.from(purpose));
        decipher.setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SealBroken('the secret does not open', { cause: error });
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`s1.${name}.`),
  };
}
