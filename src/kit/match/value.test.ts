import { describe, expect, test } from 'vitest';
import { keyOf, blindKeyOf } from './key.ts';
import { atomsOf } from './atoms.ts';
import { candidatesOf, keysOf } from './probes.ts';
import { readValue, type ValueKind } from './value.ts';

const golden: readonly (readonly [string, string | null])[] = [
  ['127.0.0.1', 'ipv4 127.0.0.1'], [' <127.0.0.3> ', 'ipv4 127.0.0.3'], ['127.0.0.1:8080', 'ipv4 127.0.0.1'], ['8[.]8[.]8[.]8', 'ipv4 8.8.8.8'],
  ['1.2.3.4|80', 'ipv4 1.2.3.4'], ['8(.)8{.}8[dot]8', 'ipv4 8.8.8.8'], ['01.2.3.4', null], ['1.2.3.256', null], ['1.2.3.4.5', null],
  ['127.0.0.1/32', 'ipv4 127.0.0.1'], ['198.51.100.77/24', 'prefix 198.51.100.0/24'], ['198.51.100.0/33', null],
  ['2A00:1450:4005:080a:0:0:0:2003', 'ipv6 2a00:1450:4005:80a::2003'], ['fe80:0000:f2cd:7d80:3f37:52c6', null],
  ['2a00:1450:4005:80a::2003/128', 'ipv6 2a00:1450:4005:80a::2003'], ['2001:DB8::1/32', 'prefix 2001:db8::/32'],
  ['[1fff:0:a88:85a3::ac1f]:8001', 'ipv6 1fff:0:a88:85a3::ac1f'], ['::ffff:192.0.2.1', 'ipv4 192.0.2.1'], ['fe80::1%eth0', 'ipv6 fe80::1'],
  ['::ffff:192.0.2.0/120', 'prefix 192.0.2.0/24'], ['::FFFF:c000:201', 'ipv4 192.0.2.1'], ['[2001:db8::1]', 'ipv6 2001:db8::1'],
  ['2001[:]db8[:][:]1', 'ipv6 2001:db8::1'], ['12:34:56', null],
  ['EXAMPLE.COM', 'domain example.com'], ['example.com.', 'domain example.com'], ['example.com:80', 'domain example.com'],
  ['evil[.]example[.]com', 'domain evil.example.com'], ['evil\\.example', 'domain evil.example'], ['*.evil.example', 'domain evil.example'],
  ['.evil.example', 'domain evil.example'], ['háčkyčárky.cz', 'domain xn--hkyrky-ptac70bc.cz'],
  ['xn--lbrs59br5a.xn--fiqs8s', 'domain xn--lbrs59br5a.xn--fiqs8s'],
  ['中国互联网络信息中心.中国', 'domain xn--fiqa61au8b7zsevnm8ak20mc4a87e.xn--fiqs8s'], ['_dmarc.evil.example', 'domain _dmarc.evil.example'],
  ['BÜCHER.example', 'domain xn--bcher-kva.example'], ['localhost', null], ['a..b.example', null], ['-a.example', null], ['1.2.3', null],
  ['2018-08-21', null], ['', null], ['   ', null], ['a b.example', null], [`${'a'.repeat(64)}.example`, null],
  ['test@example.com', 'email test@example.com'], ['Test+Tag@Example.COM', 'email test+tag@example.com'], ['test[@]example.com', 'email test@example.com'],
  ['test[at]example[dot]com', 'email test@example.com'], ['mailto:a@b.example', 'email a@b.example'], ['<a@b.example>', 'email a@b.example'],
  ['@b.example', null], ['a@b', null], ['a..b@c.example', null], ["o'brien@c.example", "email o'brien@c.example"], ['a@b@c.example', null],
  ['D41D8CD98F00B204E9800998ECF8427E', 'md5 d41d8cd98f00b204e9800998ecf8427e'], ['d41d8cd98f00b204e9800998ecf8427', null],
  ['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709'], ['AS64500', 'asn 64500'],
  ['http://example.com', 'url http://example.com/'], ['hxxp://example.com', 'url http://example.com/'], ['hxtp://example.com', 'url http://example.com/'],
  ['htxp://example.com', 'url http://example.com/'], ['hxxps[:]//EXAMPLE[.]com/A', 'url https://example.com/A'],
  ['hXXps://e.example[/]a', 'url https://e.example/a'],
  ['https://github.com:443/MISP/MISP', 'url https://github.com/MISP/MISP'], ['github.com/MISP/MISP', 'url http://github.com/MISP/MISP'],
  ['http://u:p@e.example:8080/x#frag', 'url http://e.example:8080/x'], ['http://e.example:0080', 'url http://e.example/'], ['http://e.example:99999/', null],
  ['http://host/%25%32%35', null], ['http://h.example/%25%32%35%25%32%35', 'url http://h.example/%25%25'],
  ['http://h.example/asdf%25%32%35asd', 'url http://h.example/asdf%25asd'],
  ['http://h.example/%%%25%32%35asd%%', 'url http://h.example/%25%25%25asd%25%25'], ['http://h.example/%2525252525252525', 'url http://h.example/%25'],
  ['http://www.google.com/', 'url http://www.google.com/'],
  ['http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/a', 'url http://168.188.99.26/.secure/a'],
  ['http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-xplmvalidateinfoswqpcmlx=hgplmcx/',
    'url http://195.127.0.11/uploads/%20%20%20%20/.verify/.eBaysecure=updateuserdataxplimnbqmn-xplmvalidateinfoswqpcmlx=hgplmcx/'],
  ['http://host.com/%257Ea%2521b%2540c%2523d%2524e%25f%255E00%252611%252A22%252833%252944_55%252B',
    'url http://host.com/~a!b@c%23d$e%25f^00&11*22(33)44_55+'],
  ['http://3279880203/blah', 'url http://195.127.0.11/blah'], ['http://www.google.com/blah/..', 'url http://www.google.com/'],
  ['www.google.com/', 'url http://www.google.com/'], ['http://www.evil.com/blah#frag', 'url http://www.evil.com/blah'],
  ['http://www.GOOgle.com/', 'url http://www.google.com/'], ['http://www.google.com.../', 'url http://www.google.com/'],
  ['http://www.google.com/foo\tbar\rbaz\n2', 'url http://www.google.com/foobarbaz2'], ['http://www.google.com/q?', 'url http://www.google.com/q?'],
  ['http://www.google.com/q?r?s', 'url http://www.google.com/q?r?s'], ['http://evil.com/foo;', 'url http://evil.com/foo;'],
  ['http://evil.com/foo?bar;', 'url http://evil.com/foo?bar;'], ['http://notrailingslash.com', 'url http://notrailingslash.com/'],
  ['http://www.gotaport.com:1234/', 'url http://www.gotaport.com:1234/'], ['  http://www.google.com/  ', 'url http://www.google.com/'],
  ['https://www.securesite.com/', 'url https://www.securesite.com/'], ['http://host.com/ab%23cd', 'url http://host.com/ab%23cd'],
  ['http://host.com//twoslashes?more//slashes', 'url http://host.com/twoslashes?more//slashes'], ['http://e.example/a/./b/../c/', 'url http://e.example/a/c/'],
  ['http://[::ffff:1.2.3.4]/', 'url http://1.2.3.4/'], ['http://[2001:DB8:0::1]:80/x', 'url http://[2001:db8::1]/x'],
  ['http://e.example/đ', 'url http://e.example/%C4%91'], ['http://e.example?q=1', 'url http://e.example/?q=1'],
  ['stratum+tcp://Pool.example:3333', 'url stratum+tcp://pool.example:3333/'],
  ['file:///etc/passwd', null], ['http://', null], ['javascript:alert(1)', null],
];

const shown = (text: string, kind?: ValueKind): string | null => {
  const found = readValue(text, kind);
  return found && `${found.kind} ${found.value}`;
};

describe('values', () => {
  test.each(golden)('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
  test('a kind that is said is kept to, and texts of some kinds are taken as they are', () => {
    expect(shown('example.com', 'url')).toBe('url http://example.com/');
    expect(shown('example.com', 'ipv4')).toBeNull();
    expect(shown('1.2.3.4', 'domain')).toBeNull();
    expect(shown('10.0.0.0/8', 'ipv4')).toBe('prefix 10.0.0.0/8');
    expect(shown('10.0.0.1', 'prefix')).toBe('ipv4 10.0.0.1');
    expect(shown('d41d8cd98f00b204e9800998ecf8427e', 'sha1')).toBeNull();
    expect(shown('D41D8CD98F00B204E9800998ECF8427E', 'ja3')).toBe('ja3 d41d8cd98f00b204e9800998ecf8427e');
    expect(shown('Global\\{dot}', 'mutex')).toBe('mutex Global\\{dot}');
    expect(shown('64500', 'asn')).toBe('asn 64500');
    expect(shown('00-1A-2b-00-00-01', 'mac')).toBe('mac 00:1a:2b:00:00:01');
    expect(shown('3:a+b/:c', 'ssdeep')).toBe('ssdeep 3:a+b/:c');
    expect(shown('0xAB5801A7D398351B8BE11C439E05C5B3259AEC9B', 'wallet')).toBe('wallet 0xab5801a7d398351b8be11c439e05c5b3259aec9b');
  });
});

describe('keys', () => {
  test('are those of the document', () => {
    expect(keyOf('domain', 'evil.example')).toBe('bb5a199d7650a1e70b95a35d30708f09');
    expect(blindKeyOf(new Uint8Array(32).fill(7), 'domain', 'evil.example')).toBe('6b02ef44152882bb88ad46a8705e0602');
    expect(keyOf('md5', 'a')).not.toBe(keyOf('ja3', 'a'));
  });
});

const candidates = (text: string): string[] => {
  const value = readValue(text);
  return value ? candidatesOf(value, { v4: [24, 8, 0], v6: [32, 48] }).map((c) => `${c.covers} ${c.kind} ${c.value}`) : [];
};

describe('what covers a value', () => {
  test('of domains, addresses and prefixes', () => {
    expect(candidates('a.b.evil.example')).toEqual(['exact domain a.b.evil.example', 'parent domain b.evil.example', 'parent domain evil.example']);
    expect(candidates('198.51.100.7')).toEqual([
      'exact ipv4 198.51.100.7', 'prefix prefix 198.51.100.0/24', 'prefix prefix 198.0.0.0/8', 'prefix prefix 0.0.0.0/0',
    ]);
    expect(candidates('198.51.0.0/16')).toEqual(['exact prefix 198.51.0.0/16', 'prefix prefix 198.0.0.0/8', 'prefix prefix 0.0.0.0/0']);
    expect(candidates('2001:db8::1')).toEqual(['exact ipv6 2001:db8::1', 'prefix prefix 2001:db8::/48', 'prefix prefix 2001:db8::/32']);
  });
  test('of mail addresses', () => {
    expect(candidates('bob+x@m.evil.example')).toEqual([
      'exact email bob+x@m.evil.example', 'parent email bob@m.evil.example', 'parent domain m.evil.example', 'parent domain evil.example',
    ]);
  });
  test('of URLs', () => {
    expect(candidates('http://a.b.example/1/2.html?p=1')).toEqual([
      'exact url http://a.b.example/1/2.html?p=1', 'path url http://a.b.example/1/2.html', 'path url http://a.b.example/', 'path url http://a.b.example/1/',
      'path url http://b.example/1/2.html?p=1', 'path url http://b.example/1/2.html', 'path url http://b.example/', 'path url http://b.example/1/',
      'parent domain a.b.example', 'parent domain b.example',
    ]);
    const long = candidates('http://a.b.c.d.e.f.g.example/1/2/3/4/5/6.html?x').filter((c) => c.includes(' url '));
    expect(long).toHaveLength(30);
    expect(long).not.toContain('path url http://b.c.d.e.f.g.example/');
    expect(candidates('http://198.51.100.7/')).toContain('parent ipv4 198.51.100.7');
  });
  test('keys are those of the same, in the same order, each once', () => {
    const value = readValue('http://a.evil.example/x/y?z') as NonNullable<ReturnType<typeof readValue>>;
    const keys = keysOf(value);
    expect(keys).toEqual(candidatesOf(value).map((c) => keyOf(c.kind, c.value)));
    expect(new Set(keys).size).toBe(keys.length);
    const shared: string[] = [];
    expect(keysOf(value, undefined, keyOf, (kind, text) => { shared.push(text); return keyOf(kind, text); })).toEqual(keys);
    expect(shared).toHaveLength(keys.length - 1);
    expect(keysOf(value, undefined, () => 'blind')[0]).toBe('blind');
  });
});

describe('what a STIX object states', () => {
  const states = (object: Record<string, unknown>): string[] => atomsOf(object).map((v) => `${v.kind} ${v.value}`);
  const pattern = (text: string): string[] => states({ type: 'indicator', pattern_type: 'stix', pattern: text });
  test('patterns', () => {
    expect(pattern("[domain-name:value = 'EVIL.example' OR ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')] FOLLOWEDBY [url:value = 'http://e.example']"))
      .toEqual(['domain evil.example', 'ipv4 198.51.100.1', 'ipv4 198.51.100.2', 'url http://e.example/']);
    expect(pattern("[ipv4-addr:value ISSUBSET '198.51.100.0/24']")).toEqual(['prefix 198.51.100.0/24']);
    expect(pattern("[ipv4-addr:value ISSUPERSET '198.51.100.0/24']")).toEqual([]);
    expect(pattern("[domain-name:value NOT = 'a.example' OR domain-name:value != 'b.example' OR domain-name:value NOT IN ('c.example')]")).toEqual([]);
    expect(pattern("[domain-name:value LIKE '%.example' OR domain-name:value MATCHES '^x']")).toEqual([]);
    expect(pattern("[file:hashes.'SHA-256' = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855' AND file:hashes.MD5 = 'zz']"))
      .toEqual(['sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']);
    expect(pattern("[network-traffic:dst_ref.value = '198.51.100.9' AND network-traffic:dst_port = 443]")).toEqual(['ipv4 198.51.100.9']);
    expect(pattern("[email-message:from_ref.value = 'A@b.example' OR autonomous-system:number = 64500]")).toEqual(['email a@b.example', 'asn 64500']);
    expect(pattern('[domain-name:value = ')).toEqual([]);
    expect(states({ type: 'indicator', pattern_type: 'yara', pattern: "[domain-name:value = 'evil.example']" })).toEqual([]);
  });
  test('observables', () => {
    expect(states({ type: 'domain-name', value: 'evil.example' })).toEqual(['domain evil.example']);
    expect(states({ type: 'ipv4-addr', value: '198.51.100.0/24' })).toEqual(['prefix 198.51.100.0/24']);
    expect(states({ type: 'file', name: 'a.exe', hashes: { MD5: 'd41d8cd98f00b204e9800998ecf8427e', 'x-own': 'a' } }))
      .toEqual(['md5 d41d8cd98f00b204e9800998ecf8427e', 'filename a.exe']);
    expect(states({ type: 'autonomous-system', number: 64500 })).toEqual(['asn 64500']);
    expect(states({ type: 'observed-data', objects: { 0: { type: 'url', value: 'http://e.example/x' }, 1: null } })).toEqual(['url http://e.example/x']);
    expect(states({ type: 'identity', name: 'evil.example' })).toEqual([]);
    expect(states({})).toEqual([]);
  });
});
