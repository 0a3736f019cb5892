import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { formatIp, formatPrefix, parsePrefix, readIp } from './ip.ts';
import { Owners } from './owners.ts';
import { areaCode, inside, Networks, packTables, RangeBuilder, unpackTables, type NetworkTables } from './ranges.ts';

const bytesOf = (text: string): Uint8Array => {
  const out = new Uint8Array(16);
  if (!readIp(text, out)) throw new Error(`no address: ${text}`);
  return out;
};

describe('addresses', () => {
  it('read and written agree with another implementation', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 7 }), (bytes, zeros) => {
      bytes.fill(0, zeros * 2, zeros * 2 + 6);
      const text = ipaddr.fromByteArray([...bytes]).toString();
      expect([...bytesOf(text)]).toEqual([...bytes]);
      if (!(ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6).isIPv4MappedAddress()) expect([...bytesOf(formatIp(bytes))]).toEqual([...bytes]);
    }), { numRuns: 300 });
    fc.assert(fc.property(fc.ipV4(), (text) => formatIp(bytesOf(text)) === text));
    // Without the mixed form: the other implementation reads `::1.2.3.4` as a mapped address, RFC 4291 does not.
    fc.assert(fc.property(fc.ipV6().filter((text) => !text.includes('.')),
      (text) => { expect([...bytesOf(text)]).toEqual(ipaddr.parse(text).toByteArray()); }));
  });

  it('what is none is refused', () => {
    const out = new Uint8Array(16);
    for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', ':', ':::', '1::2::3',
      '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', 'g::', '::1.2.3', 'fe80::1%eth0']) {
      expect([text, readIp(text, out)]).toEqual([text, false]);
    }
  });

  it('prefixes have one way to be written', () => {
    expect(formatPrefix(parsePrefix('203.0.113.0/24') ?? never())).toBe('203.0.113.0/24');
    expect(formatPrefix(parsePrefix('2001:DB8:0::/32') ?? never())).toBe('2001:db8::/32');
    expect(formatPrefix(parsePrefix('192.0.2.7') ?? never())).toBe('192.0.2.7/32');
    for (const text of ['203.0.113.1/24', '1.2.3.4/33', '::/129', '1.2.3.0/', '1.2.3.0/24/1', 'x/8']) expect(parsePrefix(text)).toBeNull();
  });
});

function never(): never {
  throw new Error('unreachable');
}

describe('networks', () => {
  const build = (words: 1 | 4, list: readonly (readonly [number[], number[], number])[]) => {
    const builder = new RangeBuilder(words);
    for (const [from, to, value] of list) builder.add(from, to, value);
    return builder.build();
  };
  const tables: NetworkTables = {
    asn4: build(1, [[[0x01000000], [0x010000ff], 13335], [[0xfffffff0], [0xffffffff], 7]]),
    asn6: build(4, [[[0x20010db8, 0, 0, 0], [0x20010db8, 0, 0, 255], 64_500]]),
    area4: build(1, [[[0x01000000], [0x01ffffff], areaCode('AU')]]),
    area6: build(4, [[[0x20010db8, 0, 0, 0], [0x20010db8, 0xffffffff, 0xffffffff, 0xffffffff], areaCode('VN')]]),
  };
  const locate = (networks: Networks, ip: string): { asn: number; area: string } => {
    const out = { asn: -1, area: '' };
    networks.locate(bytesOf(ip), out);
    return out;
  };

  it('are found at the first and the last address of a range and not beside it', () => {
    const networks = new Networks(tables);
    expect(locate(networks, '1.0.0.0')).toEqual({ asn: 13335, area: 'AU' });
    expect(locate(networks, '1.0.0.255')).toEqual({ asn: 13335, area: 'AU' });
    expect(locate(networks, '1.0.1.0')).toEqual({ asn: 0, area: 'AU' });
    expect(locate(networks, '0.255.255.255')).toEqual({ asn: 0, area: 'ZZ' });
    expect(locate(networks, '255.255.255.255')).toEqual({ asn: 7, area: 'ZZ' });
    expect(locate(networks, '2001:db8::ff')).toEqual({ asn: 64_500, area: 'VN' });
    expect(locate(networks, '2001:db8::100')).toEqual({ asn: 0, area: 'VN' });
    expect(locate(networks, '2001:db9::')).toEqual({ asn: 0, area: 'ZZ' });
  });

  it('agree with a plain walk over random ranges', () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 2, maxLength: 40 }),
        fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 40 }),
      (cuts, asked) => {
        const sorted = [...cuts].sort((x, y) => x - y);
        const ranges = sorted.flatMap((from, i) => (i % 2 || sorted[i + 1] === undefined ? [] : [[[from],
          [sorted[i + 1] as number], i + 1] as const]));
        const table = build(1, ranges.map(([from, to, value]) => [[...from], [...to], value] as const));
        const networks = new Networks({ ...tables, asn4: table });
        for (const n of [...asked, ...sorted]) {
          const plain = ranges.find(([from, to]) => (from[0] as number) <= n && n <= (to[0] as number))?.[2] ?? 0;
          const ip = `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
          expect(locate(networks, ip).asn).toBe(plain);
        }
      },
    ), { numRuns: 100 });
  });

  it('an override wins, the longest first', () => {
    const networks = new Networks(tables, [
      { prefix: '1.0.0.0/8', area: 'NZ' }, { prefix: '1.0.0.0/30', area: 'FJ', asn: 9 }, { prefix: '2001:db8::/64', area: 'LA' },
    ]);
    expect(locate(networks, '1.0.0.3')).toEqual({ asn: 9, area: 'FJ' });
    expect(locate(networks, '1.0.0.4')).toEqual({ asn: 13335, area: 'NZ' });
    expect(locate(networks, '2001:db8::1')).toEqual({ asn: 64_500, area: 'LA' });
    expect(() => new Networks(tables, [{ prefix: 'nonsense' }])).toThrow(/nonsense/);
  });

  it('survive packing, and half a block is no block', () => {
    const bytes = packTables(tables);
    expect(unpackTables(bytes)).toEqual(tables);
    expect(unpackTables(bytes.subarray(0, bytes.length - 8))).toBeNull();
    expect(unpackTables(new Uint8Array(8))).toBeNull();
  });
});

describe('owners', () => {
  const june = Date.parse('2026-06-10T00:00:00Z') / 1000;
  const open = Number.POSITIVE_INFINITY;
  const owners = new Owners([
    { kind: 'prefix', value: '10.0.0.0/8', owner: 'wide', from: 0, to: open },
    { kind: 'prefix', value: '10.1.0.0/16', owner: 'a', from: 0, to: june },
    { kind: 'prefix', value: '10.1.0.0/16', owner: 'b', from: june, to: open },
    { kind: 'prefix', value: '2001:db8::/32', owner: 'six', from: 0, to: open },
    { kind: 'prefix', value: '2001:db8:1::/48', owner: 'six-long', from: 0, to: june },
    { kind: 'asn', value: '64500', owner: 'net', from: 0, to: open },
    { kind: 'domain', value: 'gov.example', owner: 'state', from: 0, to: open },
    { kind: 'domain', value: 'health.gov.example', owner: 'health', from: june, to: open },
  ]);
  it('the longest prefix that held then wins; the end belongs to the next', () => {
    const at = (ip: string, time: number): string => owners.ofAddress(bytesOf(ip), time);
    expect([at('10.1.2.3', june - 1), at('10.1.2.3', june), at('10.2.0.1', june), at('11.0.0.1', june)]).toEqual(['a', 'b', 'wide', '']);
    expect([at('2001:db8:1::9', june - 1), at('2001:db8:1::9', june)]).toEqual(['six-long', 'six']);
  });
  it('domains by their longest suffix, networks by number', () => {
    expect(['www.health.gov.example', 'HEALTH.gov.example', 'gov.example', 'notgov.example', 'example'].map((d) => owners.ofDomain(d, june)))
      .toEqual(['health', 'health', 'state', '', '']);
    expect(owners.ofDomain('health.gov.example', june - 1)).toBe('state');
    expect([owners.ofAsn(64_500, 1), owners.ofAsn(0, 1)]).toEqual(['net', '']);
  });
  it('agrees with a plain walk over random claims', () => {
    const claim = fc.record({ bits: fc.integer({ min: 0, max: 32 }), n: fc.integer({ min: 0, max: 255 }),
      from: fc.integer({ min: 0, max: 9 }), length: fc.integer({ min: 1, max: 9 }) });
    fc.assert(fc.property(fc.array(claim, { maxLength: 12 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 18 }), (list, n, at) => {
      const claims = list.map(({ bits, n: m, from, length }, i) => {
        const net = bits === 0 ? 0 : (Math.imul(m, 0x01010101) >>> (32 - bits) << (32 - bits)) >>> 0;
        const value = `${net >>> 24}.${(net >>> 16) & 255}.${(net >>> 8) & 255}.${net & 255}/${bits}`;
        return { kind: 'prefix' as const, value, owner: `o${i}`, from, to: from + length, bits };
      });
      const ip = bytesOf(`${n}.${n}.${n}.${n}`);
      const fitting = claims.filter((c) => c.from <= at && at < c.to && inside(ip, parsePrefix(c.value) ?? never()));
      const best = fitting.sort((x, y) => y.bits - x.bits)[0];
      const got = new Owners(claims).ofAddress(ip, at);
      expect(fitting.filter((c) => c.bits === best?.bits).map((c) => c.owner).concat(best ? [] : [''])).toContain(got);
    }), { numRuns: 300 });
  });
});
