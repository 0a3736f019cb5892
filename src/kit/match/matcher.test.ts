import { describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { buildIndex, match, StreamMatcher } from './matcher.ts';
import { MatchIndex } from './table.ts';
import { readValue, type Value } from './value.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const values = (...texts: string[]): Value[] => texts.map((t) => readValue(t) as Value);
const index = buildIndex(values('evil.example', '198.51.100.7', '203.0.113.0/24', '2001:db8::7', '2001:db8:1::/48', 'bob@evil.example', md5,
  'http://evil.example/a?b', 'http://bad.example/', 'bücher.example'));
/** What was found, and by which indicator where that says something else. */
function found(text: string): string[] {
  const matcher = new StreamMatcher(index);
  return [...matcher.push(toUtf8(text)), ...matcher.end()].map((hit) => {
    const { value } = index.valueOf(hit.entry);
    return value === hit.found ? value : `${hit.found} = ${value}`;
  });
}

describe('in logs', () => {
  test.each([
    ['query: evil.example IN A', ['evil.example']],
    ['www.EVIL.example.', ['www.EVIL.example = evil.example']],
    ['notevil.example evil.example.com evil.example-x evil-example x_evil.example evil.examples', []],
    ['evil.example:443/evil.example', ['evil.example', 'evil.example']],
    ['evil.example@mail.example', []],
    ['{"q":"evil.example","msg":"\\nevil.example\\u003cevil.example"}', ['evil.example', 'evil.example', 'evil.example']],
    ['u=http%3A%2F%2Fevil.example%2F', ['evil.example']],
    ['SRC=198.51.100.7 DPT=22', ['198.51.100.7']],
    ['198.51.100.70 1198.51.100.7 198.51.100.7.1 v198.51.100.7 198.51.100.07', []],
    ['[198.51.100.7]:80, 203.0.113.200', ['198.51.100.7', '203.0.113.200 = 203.0.113.0/24']],
    ['::ffff:198.51.100.7 ::FFFF:c633:6407', ['::ffff:198.51.100.7 = 198.51.100.7', '::FFFF:c633:6407 = 198.51.100.7']],
    ['[IPv6:2001:DB8:0::7] src:2001:db8::7: 2001:db8::77 12:34:56', ['2001:DB8:0::7 = 2001:db8::7', '2001:db8::7']],
    ['2001:db8:1:ff::1', ['2001:db8:1:ff::1 = 2001:db8:1::/48']],
    [`${md5}.exe ${md5.toUpperCase()} a${md5} ${md5}0`, [md5, `${md5.toUpperCase()} = ${md5}`]],
    ['to=<Bob@evil.example>, from=bob@evil.example', ['evil.example', 'evil.example', 'Bob@evil.example = bob@evil.example', 'bob@evil.example']],
    ['bob+tag@evil.example jbob@evil.example bob@a.evil.example', ['evil.example', 'evil.example', 'a.evil.example = evil.example']],
    ['GET http://EVIL.example:80/x/../a?b#top HTTP/1.1',
      ['EVIL.example = evil.example', 'http://EVIL.example:80/x/../a?b#top = http://evil.example/a?b']],
    ['"http://bad.example","http://bad.example/",http://bad.example,(http://bad.example/).',
      ['http://bad.example = http://bad.example/', 'http://bad.example/', 'http://bad.example = http://bad.example/', 'http://bad.example/']],
    ['http://bad.example/x http://a.bad.example/ https://bad.example/', []],
    ['hxxp://bad[.]example/ evil[.]example not[.]evil[.]example notevil[.]example bob[at]evil(dot)example',
      ['hxxp://bad[.]example/ = http://bad.example/', 'evil[.]example = evil.example', 'not[.]evil[.]example = evil.example',
        'evil(dot)example = evil.example', 'bob[at]evil(dot)example = bob@evil.example']],
    ['"http:\\/\\/bad.example\\/"', ['http:\\/\\/bad.example\\/ = http://bad.example/']],
    ['bücher.example “evil.example” thebücher.example xn--bcher-kva.example',
      ['bücher.example = xn--bcher-kva.example', 'evil.example', 'xn--bcher-kva.example']],
  ])('%s', (text, expected) => {
    expect(found(text).sort()).toEqual([...expected].sort());
  });

  test('say where, by bytes and lines', async () => {
    const hits = [];
    for await (const hit of match(index, [toUtf8('đ\nx 198.51'), toUtf8('.100.7\r\n\nevil.example')])) hits.push(hit);
    expect(hits).toEqual([
      { offset: 5, length: 12, line: 2, kind: 'ipv4', found: '198.51.100.7', entry: 1 },
      { offset: 20, length: 12, line: 4, kind: 'domain', found: 'evil.example', entry: 0 },
    ]);
  });
  test('in lines of any length, and never cut', () => {
    const long = toUtf8(`${'x.'.repeat(400_000)} evil.example ${'y'.repeat(700_000)}evil.example\tevil.example${' '.repeat(9000)}`);
    for (const size of [1, 7, 4096, 262_144, long.length]) {
      const matcher = new StreamMatcher(index);
      const offsets: number[] = [];
      for (let at = 0; at < long.length; at += size) for (const hit of matcher.push(long.subarray(at, at + size))) offsets.push(hit.offset);
      for (const hit of matcher.end()) offsets.push(hit.offset);
      expect(offsets).toEqual([800_001, 1_500_027]);
    }
  });
});

describe('an index', () => {
  test('holds each value once, says it again, and leaves out what is not looked for', () => {
    const own = new MatchIndex();
    const texts = ['evil.example', '198.51.100.7', '0.0.0.0/0', '2001:db8::/32', '2001:db8::1', md5, 'a@b.example', 'http://e.example/%25', 'AS1'];
    const entries = values(...texts).map((v) => own.add(v));
    expect(entries).toEqual([0, 1, 2, 3, 4, 5, 6, 7, -1]);
    expect(own.add(readValue('EVIL.example') as Value)).toBe(0);
    expect(own.size).toBe(8);
    expect(entries.slice(0, 8).map((e) => own.valueOf(e).value)).toEqual(texts.slice(0, 8));
    expect(own.entryOf({ kind: 'ipv4', value: '198.51.100.8' })).toBe(-1);
  });
  test('grows, and forgets nothing', () => {
    const many = Array.from({ length: 20_000 }, (_, i): Value => ({ kind: 'domain', value: `h${i}.example` }));
    const own = buildIndex(many, 7);
    expect(many.every((v, i) => own.entryOf(v) === i && own.valueOf(i).value === v.value)).toBe(true);
  });
});
