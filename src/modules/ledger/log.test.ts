import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { saltOf } from './log.ts';

test('the salt of a leaf is HMAC-SHA256 of its number, whatever the length of the key', () => {
  for (const length of [0, 1, 31, 32, 63, 64, 65, 200]) {
    const key = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);
    for (const index of [0, 9, 10, 255, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      const expected = createHmac('sha256', key).update(String(index)).digest('hex');
      expect(Buffer.from(saltOf(key, index)).toString('hex')).toBe(expected);
    }
  }
});
