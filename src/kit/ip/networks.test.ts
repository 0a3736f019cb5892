import { expect, test } from 'vitest';
import { dice } from '../dice.ts';
import { formatIp, parsePrefix, readIp, type Prefix } from './ip.ts';
import { isWithin, liesIn } from './networks.ts';

const prefix = (text: string): Prefix => {
  const found = parsePrefix(text);
  if (!found) throw new Error(text);
  return found;
};
const inside = (network: string, address: string): boolean => {
  const bytes = new Uint8Array(16);
  return readIp(address, bytes) && liesIn([prefix(network)], bytes);
};

test('the first and the last address of a network are inside, their neighbours are not', () => {
  const cases: [string, string, string, string, string][] = [
    ['192.0.2.0/24', '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
    ['192.0.2.128/25', '192.0.2.128', '192.0.2.255', '192.0.2.127', '192.0.3.0'],
    ['10.0.0.0/9', '10.0.0.0', '10.127.255.255', '9.255.255.255', '10.128.0.0'],
    ['2001:db8::/33', '2001:db8::', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8:8000::'],
    ['198.51.100.7', '198.51.100.7', '::ffff:198.51.100.7', '198.51.100.6', '198.51.100.8'],
  ];
  for (const [network, first, last, before, after] of cases) {
    expect([network, ...[first, last, before, after].map((a) => inside(network, a))]).toEqual([network, true, true, false, false]);
  }
  expect(liesIn([], new Uint8Array(16))).toBe(false);
});

test('inside as bits compared one by one say, on random networks and addresses', () => {
  const next = dice(7);
  const bit = (bytes: Uint8Array, i: number): number => ((bytes[i >> 3] as number) >> (7 - (i & 7))) & 1;
  for (let i = 0; i < 2000; i++) {
    const address = Uint8Array.from({ length: 16 }, () => Math.floor(next() * 256));
    const bits = Math.floor(next() * 129);
    const network = Uint8Array.from(address, (byte, at) => (next() < 0.1 ? byte ^ 1 << Math.floor(next() * 8) : byte)
      & (at * 8 + 8 <= bits ? 255 : at * 8 >= bits ? 0 : (0xff00 >> (bits - at * 8)) & 255));
    const same = Array.from({ length: bits }, (_, at) => bit(address, at) === bit(network, at)).every(Boolean);
    expect(liesIn([{ network, bits }], address), `${formatIp(address)} in ${formatIp(network)}/${bits}`).toBe(same);
  }
});

test('a network is within another where all of its addresses are', () => {
  const within = (inner: string, outer: string): boolean => isWithin(prefix(inner), prefix(outer));
  expect([within('192.0.2.0/25', '192.0.2.0/24'), within('192.0.2.0/24', '192.0.2.0/25'), within('192.0.2.0/24', '192.0.2.0/24')]).toEqual([true, false, true]);
  expect([within('192.0.2.1', '0.0.0.0/0'), within('0.0.0.0/0', '::/0'), within('::/0', '0.0.0.0/0')]).toEqual([true, true, false]);
});
