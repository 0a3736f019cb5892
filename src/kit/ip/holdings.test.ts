import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesHeld, holdings, type Held } from './holdings.ts';

const sums = (...list: (readonly [string, string])[]): Record<string, number> =>
  Object.fromEntries(addressesHeld(holdings(list.map(([owner, prefix]) => ({ owner, prefix })))));

test('nested prefixes of one owner count once; of another’s within it the other has the narrower one, and what is narrower still is its own again', () => {
  expect(sums(['a', '10.0.0.0/8'], ['a', '10.1.0.0/16'])).toEqual({ a: 2 ** 24 });
  expect(sums(['a', '10.0.0.0/8'], ['b', '10.1.0.0/16'])).toEqual({ a: 2 ** 24 - 2 ** 16, b: 2 ** 16 });
  expect(sums(['a', '10.0.0.0/8'], ['b', '10.1.0.0/16'], ['a', '10.1.7.0/24'])).toEqual({ a: 2 ** 24 - 2 ** 16 + 256, b: 2 ** 16 - 256 });
  expect(sums(['a', '0.0.0.0/0'], ['b', '255.255.255.255/32'], ['c', '0.0.0.0/32'])).toEqual({ a: 2 ** 32 - 2, b: 1, c: 1 });
});

test('the later of equal prefixes wins; IPv6 and what is no prefix are left out', () => {
  expect(sums(['a', '192.0.2.0/24'], ['b', '192.0.2.0/24'])).toEqual({ b: 256 });
  expect(sums(['a', '2001:db8::/32'], ['a', 'x'], ['a', '::/0'], ['a', '10.0.0.0/33'])).toEqual({});
  expect(holdings([])).toEqual([]);
});

test('each address goes to the narrowest prefix that covers it, as asked one by one', () => {
  const held = fc.record({
    owner: fc.constantFrom('a', 'b', 'c'), start: fc.integer({ min: 0, max: 255 }), bits: fc.integer({ min: 24, max: 32 }),
  });
  fc.assert(fc.property(fc.array(held, { maxLength: 25 }), (list) => {
    const prefixes = list.map(({ owner, start, bits }) => ({ owner, bits, first: start - start % 2 ** (32 - bits) }));
    const given: Held[] = prefixes.map(({ owner, bits, first }) => ({ owner, prefix: `198.51.100.${first}/${bits}` }));
    const expected = new Map<string, number>();
    for (let address = 0; address < 256; address++) {
      const covering = prefixes.filter(({ bits, first }) => address >= first && address < first + 2 ** (32 - bits));
      const best = Math.max(...covering.map(({ bits }) => bits));
      const owner = covering.findLast(({ bits }) => bits === best)?.owner;
      if (owner !== undefined) expected.set(owner, (expected.get(owner) ?? 0) + 1);
    }
    const ranges = holdings(given);
    expect([...addressesHeld(ranges)].sort()).toEqual([...expected].sort());
    for (const [i, range] of ranges.entries()) expect(range.first).toBeGreaterThan(ranges[i - 1]?.last ?? -1);
  }));
});
