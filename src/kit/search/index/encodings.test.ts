import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toUtf8 } from '#kit/encoding';
import { search, type Batch } from '../query/search.ts';
import { build, open } from '../testing.ts';
import { decodingOf, encodingOf, type FileEncoding } from './encodings.ts';

/** With its mark, as an editor writes it. */
function encoded(text: string, encoding: FileEncoding): Uint8Array {
  const wide = encoding.startsWith('utf-32');
  const units = wide ? Array.from(`\ufeff${text}`, (c) => c.codePointAt(0) as number) : `\ufeff${text}`.split('').map((c) => c.charCodeAt(0));
  const out = new DataView(new ArrayBuffer(units.length * (wide ? 4 : 2)));
  units.forEach((unit, i) => (wide ? out.setUint32(i * 4, unit, encoding.endsWith('le')) : out.setUint16(i * 2, unit, encoding.endsWith('le'))));
  return new Uint8Array(out.buffer);
}
const kinds = ['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'] as const;

describe.each(kinds)('%s', (encoding) => {
  test('is told by its mark, and comes out as UTF-8, wherever chunks end', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), (text, size) => {
      // A text that begins with NUL looks like the wider kind.
      const bytes = encoded(`x${text}`, encoding);
      expect(encodingOf(bytes)).toBe(encoding);
      const decoding = decodingOf(encoding);
      const parts: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(decoding.push(bytes.subarray(at, at + size)));
      expect(concatBytes(...parts, decoding.end())).toEqual(toUtf8(`x${text}`));
    }));
  });
  test('that is broken is text with marks of it', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const decoding = decodingOf(encoding);
      expect(new TextDecoder('utf-8', { fatal: true }).decode(concatBytes(decoding.push(bytes), decoding.end())).length).toBeLessThanOrEqual(bytes.length);
    }));
    const decoding = decodingOf(encoding);
    expect(concatBytes(decoding.push(Uint8Array.of(1, 2, 3)), decoding.end()).slice(-3)).toEqual(toUtf8('\ufffd'));
  });
  test('is searched as bytes and as text, and counted once', () => {
    const text = `first line\nmutex_lock và khóa\nlast`;
    const files = { 'a.txt': toUtf8('mutex'), 'w.txt': encoded(text, encoding), 'z.txt': toUtf8('none') };
    const built = build(Object.entries(files).map(([path, bytes]) => ({ path, bytes })), { blockBytes: 8, shardBytes: 20 }, 7);
    const ask = (pattern: string): { hits: string[]; last: Batch } => {
      const batches = [...search(built.manifest, open(built), { text: pattern, kind: 'regex', most: 9 })];
      return { hits: batches.flatMap(({ hits }) => hits.map((h) => `${h.path} ${h.encoding} ${h.line}:${h.match?.from}`)), last: batches.at(-1) as Batch };
    };
    const { hits, last } = ask('mutex');
    expect(hits).toEqual(['a.txt bytes 1:0', `w.txt ${encoding} 2:0`]);
    expect(last.coverage).toMatchObject({ files: 3, read: 2, ruledOut: 1, notReached: 0 });
    expect(ask('khóa').hits).toEqual([`w.txt ${encoding} 2:${toUtf8('mutex_lock và ').length}`]);
    expect(ask('\\x00m?').hits[0]).toMatch(/^w\.txt bytes 1:/);
    expect(built.manifest).toMatchObject({ text: 2, binary: 1, decoded: 1, decodedBytes: toUtf8(text).length });
  });
});

test('no other beginning is a mark', () => {
  for (const bytes of [[], [0xff], [0xef, 0xbb, 0xbf], [0, 0, 0xff, 0xfe], [0, 0xfe, 0xff]]) expect(encodingOf(Uint8Array.from(bytes))).toBe('bytes');
});
