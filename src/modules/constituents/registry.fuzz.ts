/** The dry run names the owner that attribution would name, for any registry, any address or name, and any moment. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPrefix, maskTo, readIp } from '#kit/ip/ip';
import { Owners } from '#kit/ip/owners';
import type { Asset, AssetKind } from './model/registry.ts';
import { covering, doubts } from './rules/covering.ts';
import { canonicalValue } from './rules/registry.ts';
import { Refusal } from '#kit/refusal';

const years = ['2020', '2021', '2022', '2023', '2024'];
const address = fc.oneof(
  fc.tuple(fc.constantFrom(10, 11), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })).map(([a, b, c]) => `${a}.${b}.${c}.7`),
  fc.integer({ min: 0, max: 15 }).map((n) => `2001:db8:${n.toString(16)}::7`),
);
const prefix = fc.tuple(address, fc.integer({ min: 6, max: 32 })).map(([text, length]) => {
  const ip = new Uint8Array(16);
  readIp(text, ip);
  const bits = text.includes(':') ? length + 16 : length + 96;
  return formatPrefix({ network: maskTo(ip, bits), bits });
});
const domain = fc.array(fc.constantFrom('a', 'b', 'gov'), { minLength: 1, maxLength: 4 }).map((l) => `${l.join('.')}.example`);
const value = fc.oneof(
  prefix.map((v) => ({ kind: 'prefix' as const, value: v })), domain.map((v) => ({ kind: 'domain' as const, value: v })),
  fc.constantFrom('64500', '64501').map((v) => ({ kind: 'asn' as const, value: v })),
  fc.constantFrom('a'.repeat(64), 'b'.repeat(64)).map((v) => ({ kind: 'certificate' as const, value: v })),
);
const term = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 })).filter(([a, b]) => a < b);

/** As a registry has it: one holder of a value at a time. */
const registry = fc.array(fc.tuple(value, term, fc.constantFrom('A', 'B', 'C')), { maxLength: 25 }).map((rows) => {
  const seen = new Set<string>();
  return rows.flatMap(([v, [from, to], constituent], i): Asset[] => {
    const spans = Array.from({ length: to - from }, (_, y) => `${v.kind} ${v.value} ${from + y}`);
    if (spans.some((s) => seen.has(s))) return [];
    for (const s of spans) seen.add(s);
    return [{ ...v, id: String(i), constituent, from: `${years[from]}-01-01T00:00:00.000Z`, to: `${years[to]}-01-01T00:00:00.000Z`, proof: null }];
  });
});

test('the winner of the dry run is the owner that events get', () => {
  fc.assert(fc.property(registry, address, domain, fc.constantFrom(...years), fc.boolean(), (assets, ip, name, year, website) => {
    const at = Date.parse(`${year}-01-01T00:00:00Z`);
    const owners = new Owners(assets.map((a) => ({
      kind: a.kind, value: a.value, owner: a.constituent, from: Date.parse(a.from) / 1000, to: Date.parse(a.to ?? '9999') / 1000,
    })));
    const bytes = new Uint8Array(16);
    readIp(ip, bytes);
    const [named, addressed] = [owners.ofDomain(name, at / 1000), owners.ofAddress(bytes, at / 1000)];
    const shown = owners.ofCertificate('a'.repeat(64), at / 1000);
    const expected = (website && named) || shown || addressed || named || owners.ofAsn(64500, at / 1000);
    const found = covering(assets, { ip, domain: name, asn: 64500, certificate: 'a'.repeat(64), website }, at);
    expect(found[0]?.constituent ?? '').toBe(expected);
  }), { numRuns: 400 });
});

test('a holding is in doubt exactly where another’s wider holding overlaps it in time', () => {
  fc.assert(fc.property(registry, (assets) => {
    const told = doubts(assets, new Map(), Date.parse('2019-01-01')).filter((d) => d.why === 'within-another').length;
    const inside = (a: Asset, b: Asset): boolean => {
      if (a === b || a.kind !== b.kind || a.value === b.value || a.constituent === b.constituent) return false;
      if (a.from >= (b.to ?? '9') || b.from >= (a.to ?? '9')) return false;
      if (a.kind === 'domain') return a.value.endsWith(`.${b.value}`);
      if (a.kind !== 'prefix') return false;
      const [ip, to] = a.value.split('/');
      const [, from] = b.value.split('/');
      return ip?.includes(':') === b.value.includes(':') && Number(from) < Number(to)
        && covering([{ ...b, from: '2000-01-01T00:00:00Z', to: null }], { ip, website: false }, Date.parse('2020-06-01')).length > 0;
    };
    expect(told).toBe(assets.filter((a) => assets.some((b) => inside(a, b))).length);
  }), { numRuns: 200 });
});

test('whatever is typed as a value is written one way or refused in words', () => {
  fc.assert(fc.property(fc.constantFrom<AssetKind>('prefix', 'asn', 'domain', 'certificate'), fc.oneof(fc.string(), prefix, domain), (kind, text) => {
    try {
      const once = canonicalValue(kind, text);
      expect(canonicalValue(kind, once)).toBe(once);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
    }
  }), { numRuns: 500 });
});
