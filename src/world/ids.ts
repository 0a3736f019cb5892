/** Identifiers: 26 characters of Crockford base 32, a time then randomness (the ULID layout), so that they sort by birth. */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface Ids {
  /** A fresh identifier, `prefix_` and 26 characters. */
  next(prefix: string): string;
  /** A secret of 32 random bytes, base64url. */
  secret(): string;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

export function idsFrom(clock: Clock, random: Random): Ids {
  return {
    next(prefix) {
      let time = clock.now();
      let head = '';
      for (let i = 0; i < 10; i++) {
        head = alphabet.charAt(time % 32) + head;
        time = Math.floor(time / 32);
      }
      let tail = '';
      for (const byte of random.bytes(16)) tail += alphabet.charAt(byte & 31);
      return `${prefix}_${head}${tail}`;
    },
    secret: () => Buffer.from(random.bytes(32)).toString('base64url'),
  };
}
