/** A target is held where attribution gives every address of it to the same constituent, and never where it does not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPrefix, maskTo, parsePrefix, readIp } from '#kit/ip/ip';
import { Owners } from '#kit/ip/owners';
import { Refusal } from '#kit/refusal';
import type { Asset } from './model/registry.ts';
import { notHeld, targetOf } from './rules/held.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const address = (last: number): string => `192.0.2.${last}`;
const prefix = fc.tuple(fc.nat(31), fc.integer({ min: 24, max: 32 })).map(([last, length]) => {
  const bytes = new Uint8Array(16);
  readIp(address(last), bytes);
  return formatPrefix({ network: maskTo(bytes, length + 96), bits: length + 96 });
});
const moments = fc.constantFrom<[string, string | null]>(
  ['2020-01-01T00:00:00.000Z', null], ['2020-01-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'], ['2026-07-01T00:00:00.000Z', null],
  ['2026-06-01T00:00:00.000Z', '2026-06-02T00:00:00.000Z'], ['2020-01-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'],
);
const held = (kind: Asset['kind'], value: fc.Arbitrary<string>) => fc.tuple(value, fc.constantFrom('con_a', 'con_b'), moments)
  .map(([v, constituent, [from, to]]) => ({ kind, value: v, constituent, from, to, proof: null }));
/** A registry: one value has one holder at a time. */
const registry = (kind: Asset['kind'], value: fc.Arbitrary<string>): fc.Arbitrary<Asset[]> => fc.array(held(kind, value), { maxLength: 12 })
  .map((list) => list.filter((a, i) => list.findIndex((b) => b.value === a.value) === i).map((a, i) => ({ ...a, id: `ast_${i}` })));

/** Whether somebody else holds a part of it, were it covered again by what is more specific. */
const others = (assets: readonly Asset[], value: string): boolean => assets.some((a) => {
  const [part, whole] = [parsePrefix(a.value), parsePrefix(value)];
  return a.constituent !== 'con_a' && part !== null && whole !== null && part.bits >= whole.bits
    && maskTo(part.network, whole.bits).join() === whole.network.join();
});

describe('a prefix', () => {
  test('is the constituent’s where each of its addresses is', () => {
    fc.assert(fc.property(registry('prefix', prefix), prefix, (assets, value) => {
      const owners = new Owners(assets.map((a) => ({
        kind: a.kind, value: a.value, owner: a.constituent, from: Date.parse(a.from) / 1000, to: a.to === null ? Infinity : Date.parse(a.to) / 1000,
      })));
      const target = targetOf(value, 'targets.0');
      const { network, bits } = parsePrefix(value) as NonNullable<ReturnType<typeof parsePrefix>>;
      const all = Array.from({ length: 2 ** (128 - bits) }, (_, i) => {
        const ip = Uint8Array.from(network);
        ip[15] = (network[15] as number) + i;
        return owners.ofAddress(ip, at / 1000);
      });
      // Pieces of several holdings of one constituent are no single holding: what is held must lie in one of them.
      const around = assets.some((a) => a.constituent === 'con_a' && Date.parse(a.from) <= at && (a.to === null || at < Date.parse(a.to))
        && (parsePrefix(a.value)?.bits ?? 999) <= bits && maskTo(network, parsePrefix(a.value)?.bits ?? 0).join() === parsePrefix(a.value)?.network.join());
      const own = around && all.every((owner) => owner === 'con_a');
      const no = notHeld(assets, 'con_a', target, at);
      // Nothing of another's is ever let through; and what is refused although all of it is one's own holds another's in between.
      if (no === null) expect(own).toBe(true);
      else if (own) expect([no, others(assets, value)]).toEqual(['of-another', true]);
    }), { numRuns: 2000 });
  });
  test('of IPv6 that covers all of IPv4 holds no address of it', () => {
    const asset: Asset = { id: 'ast_0', kind: 'prefix', value: '::/0', constituent: 'con_a', from: '2020-01-01T00:00:00.000Z', to: null, proof: null };
    expect(notHeld([asset], 'con_a', targetOf('192.0.2.1', 't'), at)).toBe('not-held');
    expect(notHeld([asset], 'con_a', targetOf('2001:db8::1', 't'), at)).toBeNull();
  });
});

test('a name is the constituent’s exactly where attribution by name says so', () => {
  const name = fc.constantFrom('a.example', 'b.a.example', 'c.b.a.example', 'ba.example', 'x.ba.example');
  fc.assert(fc.property(registry('domain', name), name, (assets, value) => {
    const owners = new Owners(assets.map((a) => ({
      kind: a.kind, value: a.value, owner: a.constituent, from: Date.parse(a.from) / 1000, to: a.to === null ? Infinity : Date.parse(a.to) / 1000,
    })));
    expect(notHeld(assets, 'con_a', targetOf(value, 't'), at) === null).toBe(owners.ofDomain(value, at / 1000) === 'con_a');
  }), { numRuns: 1000 });
});

test('what is no target is refused at its place, whatever it is', () => {
  const odd = fc.constantFrom('192.0.2.1/24', '::1/8', '300.1.1.1', 'a..b', 'http://a.b', '');
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), odd), (text) => {
    try {
      const target = targetOf(text, 'targets.3');
      expect(targetOf(target.value, 't')).toEqual(target);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect((error as Refusal).detail.at).toBe('targets.3');
    }
  }));
});
