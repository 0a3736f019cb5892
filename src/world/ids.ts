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
  /** Of the identifier before this one: within one millisecond the next is one more, so that birth order holds. */
  const last = { time: -1, tail: [] as number[] };
  return {
    next(prefix) {
      let time = Math.max(clock.now(), last.time);
      if (time === last.time) increment(last.tail);
      else Object.assign(last, { time, tail: [...random.bytes(16)].map((byte) => byte & 31) });
      let head = '';
      for (let i = 0; i < 10; i++) {
        head = alphabet.charAt(time % 32) + head;
        time = Math.floor(time / 32);
      }
      return `${prefix}_${head}${last.tail.map((digit) => alphabet.charAt(digit)).join('')}`;
    },
    secret: () => Buffer.from(random.bytes(32)).toString('base64url'),
  };
}

/** One more, in base 32, from the last digit; all digits 31 begin again, which 80 random bits make not worth a thought. */
function increment(digits: number[]): void {
  for (let i = digits.length - 1; i >= 0; i--) {
    digits[i] = ((digits[i] ?? 0) + 1) % 32;
    if (digits[i] !== 0) return;
  }
}
