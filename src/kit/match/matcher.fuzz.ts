import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { buildIndex, StreamMatcher, type Hit } from './matcher.ts';
import { startKernel } from './kernel.ts';
import { slowMatch, type Occurrence } from './testing.ts';
import { readValue, type Value } from './value.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const listed = [
  'evil.example', 'a.evil.example', 'xn--bcher-kva.example', '_x.evil.example', '1.2.3.4', '11.2.3.4', '1.2.3.0/24', '1.0.0.0/8', '2001:db8::1',
    '2001:db8::/32',
  'bob@evil.example', 'from=bob@evil.example', 'bob+x@evil.example', "o'brien@evil.example", 'b@xn--bcher-kva.example', md5, 'ab'.repeat(20), 'cd'.repeat(32),
  'ef'.repeat(64), 'http://evil.example/', 'http://evil.example/a', 'http://evil.example/a/b?c=d', 'https://a.evil.example/a', 'http://1.2.3.4/',
    'svn+http://evil.example/a',
  'http://[2001:db8::1]/a', 'http://xn--bcher-kva.example/', 'http://evil.example:8080/a', 'http://evil.example/%C4%91', 'nhttp://evil.example/',
    'nevil.example',
].map((t) => readValue(t) as Value);
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('evil.example', 'EVIL.example', 'a.evil.example', 'evil', 'example', '.', '-', '_', 'bob', '@', '+', '=',
    ' ', '\n', ':', '/',
    '"', ',', ';', "'", '(', ')', '[', ']', '{', '}', '\\', '%', '2F', '25', '%2F', '\\n', '\\u003c', '\\x2f', '\\/', '://', 'http', 'http://',
    'https://', 'hxxp://', 'svn+', '[.]',
    '(dot)', '{dot}', '\\.', '[at]', '[:]', ':\\/\\/', '1.2.3.4', '2.3.4', '1.2.3.99', '::', '2001:db8::1', '2001:db8:', 'src:', 'ffff:', ':443',
    ':8080', '/a', '/a/b?c=d', '/x/../a',
    '#f', '!', '?', '&', 'đ', 'bücher.example', 'BÜCHER', '“', '”', '\u00a0', '。', 'a', 'n', 'x', '0', md5, 'ab'.repeat(20), 'cd'.repeat(16),
    'ef'.repeat(64), 'user:pw@', "o'brien") },
  { weight: 1, arbitrary: fc.constantFrom('\x80', '\xff', '\xc4', '\xe2\x80', '\xf0\x9f\x98\x80', '\0', '\t', '\r', '~', '|', '<', '>', '^', '`', '$', '*') },
);
const log = fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 14 }).map((pieces) => Buffer.concat(pieces.map(([p, utf8]) =>
  // eslint-disable-next-line no-control-regex
  (utf8 || /[^\x00-\xff]/.test(p) ? Buffer.from(toUtf8(p)) : Buffer.from(p, 'latin1')))));

const index = buildIndex(listed);
const kernel = startKernel(index);

const sorted = (hits: Hit[]): Hit[] => hits.sort((a, b) => a.offset - b.offset || a.entry - b.entry || a.found.length - b.found.length);

function found(chunks: readonly Uint8Array[], quick: boolean): { hits: Hit[]; shown: Occurrence[] } {
  const matcher = new StreamMatcher(index, () => (quick ? kernel : null));
  const hits = [...chunks.flatMap((c) => [...matcher.push(c)]), ...matcher.end()];
  const shown = hits.map((hit) => {
    const { kind, value } = index.valueOf(hit.entry);
    return { value: `${kind} ${value}`, from: hit.offset, to: hit.offset + hit.length };
  });
  return { hits, shown: shown.sort((a, b) => a.from - b.from || a.to - b.to || (a.value < b.value ? -1 : 1)) };
}

test.each([['by the kernel', true], ['without it', false]])('finds what the grammar says, no more and no less, %s', (_, quick) => {
  expect(kernel).not.toBeNull();
  fc.assert(fc.property(log, (bytes) => {
    const { shown, hits } = found([bytes], quick);
    expect(shown).toEqual(slowMatch(listed, bytes));
    for (const hit of hits) expect(hit.line).toBe(1 + bytes.subarray(0, hit.offset).filter((b) => b === 10).length);
  }), { numRuns: 5_000 });
}, 120_000);

test('finds the same wherever chunks and windows meet', () => {
  const filler = fc.tuple(fc.constantFrom('x', ' ', 'a.', 'đ', '%', 'a b\n'), fc.integer({ min: 1, max: 300_000 })).map(([t,
    n]) => Buffer.from(t.repeat(Math.ceil(n / t.length))));
  fc.assert(fc.property(filler, log, fc.boolean(), filler, log, fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 5 }),
    (before, first, border, between, second, sizes) => {
      const bytes = Buffer.concat([before, Buffer.from(border ? '\n' : ''), first, Buffer.from(border ? '\n' : ''), between,
    Buffer.from(border ? '\n' : ''), second]);
      const chunks: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] as number;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      const plain = found([bytes], true).hits;
      expect(found(chunks, true).hits).toEqual(plain);
      expect(sorted(found(chunks, false).hits)).toEqual(sorted(plain));
      if (!border) return;
      // A line that begins and ends by itself is what it is alone.
      const alone = found([first], true).hits.map((h) => h.offset + before.length + 1);
      const there = plain.map((h) => h.offset).filter((o) => o > before.length && o < before.length + 1 + first.length);
      expect(there).toEqual(alone);
    }), { numRuns: 150 });
}, 120_000);
