import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyOf } from './key.ts';
import { Sieve } from './sieve.ts';

it('never drops a key that was put in', () => {
  fc.assert(fc.property(fc.array(fc.string(), { maxLength: 500 }), fc.integer({ min: 1, max: 400 }), (values, room) => {
    const sieve = new Sieve(room);
    const keys = values.map((value) => keyOf('domain', value));
    for (const key of keys) sieve.add(key);
    expect(keys.every((key) => sieve.mayHold(key))).toBe(true);
    expect(sieve.isFull).toBe(keys.length > room);
  }));
});

it('drops nearly all others while it has room', () => {
  const sieve = new Sieve(50_000);
  for (let i = 0; i < 50_000; i++) sieve.add(keyOf('md5', String(i)));
  const wrong = Array.from({ length: 20_000 }, (_, i) => keyOf('sha1', String(i))).filter((key) => sieve.mayHold(key)).length;
  expect(wrong).toBeLessThan(600);
  expect(wrong).toBeGreaterThan(0);
});

it('is refused for no size, a broken one and one past memory', () => {
  for (const room of [0, -1, 1.5, Number.NaN, 2 ** 40]) expect(() => new Sieve(room)).toThrow(RangeError);
});
