import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElementReader } from './elements.ts';
import { inflated, type Broken } from './inflate.ts';
import { excerptOf, firstBadByte, LineReader } from './lines.ts';

function linesOf(bytes: Uint8Array, size: number, longest?: number): { lines: [string, number, number][]; troubles: string[] } {
  const out = { lines: [] as [string, number, number][], troubles: [] as string[] };
  const reader = new LineReader({
    line: (text, line, offset) => { out.lines.push([text, line, offset]); },
    trouble: (t) => { out.troubles.push(`${t.line}:${t.offset}:${t.reason}`); },
  }, longest);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return out;
}

describe('lines', () => {
  it('are those of a plain split, with their offsets, wherever the chunks are cut', () => {
    fc.assert(fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 10 }).map((s) => s.replaceAll(/[\r\n\u0000\ud800-\udfff\ufeff]/gu, '')), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 30 }),
      (texts, eol, size) => {
        const bytes = Buffer.from(texts.map((t) => t + eol).join(''), 'utf8');
        const { lines, troubles } = linesOf(bytes, size);
        expect(lines.map(([text]) => text)).toEqual(texts);
        expect(troubles).toEqual([]);
        for (const [text, , offset] of lines) expect(bytes.subarray(offset, offset + Buffer.byteLength(text)).toString('utf8')).toBe(text);
      },
    ), { numRuns: 300 });
  });

  it('too long ones are skipped and located, for any cut', () => {
    const bytes = Buffer.from(`ok\n${'x'.repeat(100)}\nafter\n${'y'.repeat(90)}`);
    for (const size of [1, 7, 50, 1000]) {
      expect(linesOf(bytes, size, 50)).toEqual({ lines: [['ok', 1, 0], ['after', 3, 104]], troubles: ['2:3:line.too-long', '4:110:line.too-long'] });
    }
  });

  it('text in another encoding is located, not guessed', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('time,ip\n1,2\n', 'utf16le')]);
    const { lines, troubles } = linesOf(utf16, 5);
    expect(lines).toEqual([]);
    expect(troubles.length).toBeGreaterThanOrEqual(2);
    expect(linesOf(Buffer.from('caf\xe9\nplain\n', 'latin1'), 100)).toEqual({ lines: [['plain', 2, 5]], troubles: ['1:0:text.not-utf8'] });
  });

  it('the first bad byte is found', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom(0xff, 0xc0, 0x80), (text, bad) => {
      const sound = Buffer.from(text.replaceAll(/[\ud800-\udfff]/gu, ''), 'utf8');
      expect(firstBadByte(Buffer.concat([sound, Buffer.from([bad]), Buffer.from('tail')]))).toBe(sound.length);
    }), { numRuns: 200 });
  });

  it('excerpts are short and of one line', () => {
    expect(excerptOf('a\nb\u0000\u2028')).toBe('a\\u000ab\\u0000\\u2028');
    expect(excerptOf('x'.repeat(1000))).toHaveLength(300);
  });
});

function elementsOf(bytes: Uint8Array, size: number): { elements: [string, number, number][]; troubles: string[]; rows: number } {
  const out = { elements: [] as [string, number, number][], troubles: [] as string[], rows: 0 };
  const reader = new ElementReader({
    element: (text, line, offset) => { out.elements.push([text, line, offset]); },
    trouble: (t) => { out.troubles.push(`${t.line}:${t.offset}:${t.reason}`); out.rows += t.rows; },
  });
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return out;
}

describe('elements of a JSON array', () => {
  it('are those that JSON.parse finds, at their places, however written and cut', () => {
    fc.assert(fc.property(
      fc.array(fc.oneof(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
        fc.integer(), fc.string()), { maxLength: 6 }),
      fc.constantFrom(undefined, 1, 2), fc.integer({ min: 1, max: 60 }), fc.boolean(),
      (list, indent, size, mark) => {
        const text = (mark ? '\ufeff' : '') + JSON.stringify(list, null, indent);
        fc.pre(Buffer.from(text, 'utf8').toString('utf8') === text);
        const bytes = Buffer.from(text, 'utf8');
        const got = elementsOf(bytes, size);
        expect(got.elements.map(([one]) => JSON.parse(one) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
        expect(got.troubles).toEqual([]);
        for (const [one, line, offset] of got.elements) {
          expect(bytes.subarray(offset, offset + Buffer.byteLength(one)).toString('utf8')).toBe(one);
          expect(line).toBe(bytes.subarray(0, offset).filter((byte) => byte === 10).length + 1);
        }
      },
    ), { numRuns: 300 });
  });

  it('a broken one is located and the next are read', () => {
    const got = elementsOf(Buffer.from('[\n{"a":1},\n{"b":"open},\n{"c":3},\n{"d":4}\n]'), 11);
    expect(got.elements.map(([text]) => text)).toEqual(['{"a":1}', '{"c":3}', '{"d":4}']);
    expect(got.troubles).toEqual(['3:11:json.unclosed']);
  });

  it('a cut array gives its whole elements and says where it ends', () => {
    const got = elementsOf(Buffer.from('[{"a":1},{"b":'), 4);
    expect(got.elements.map(([text]) => text)).toEqual(['{"a":1}']);
    expect(got.troubles.map((t) => t.split(':')[2])).toEqual(['json.unclosed', 'json.truncated']);
    expect(got.rows).toBe(1);
  });

  it('never throws on any bytes', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(91, 93, 123, 125, 34, 92, 44, 10, 65, 0xff, 0),
      { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (list, size) => {
      elementsOf(Uint8Array.from(list), size);
    }), { numRuns: 800 });
  });
});

async function inflate(bytes: Uint8Array, size: number): Promise<{ text: string; broken: Broken[] }> {
  const broken: Broken[] = [];
  const parts: Uint8Array[] = [];
  const source = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })();
  for await (const chunk of inflated(source, (b) => { broken.push(b); })) parts.push(chunk);
  return { text: Buffer.concat(parts).toString('utf8'), broken };
}

describe('packed streams', () => {
  it('are unpacked, several members as one, plain bytes left alone', async () => {
    const text = 'line\n'.repeat(50_000);
    expect((await inflate(Buffer.concat([gzipSync(text), gzipSync('tail')]), 1000)).text).toBe(`${text}tail`);
    expect(await inflate(Buffer.from('plain'), 1)).toEqual({ text: 'plain', broken: [] });
    expect(await inflate(new Uint8Array(0), 1)).toEqual({ text: '', broken: [] });
  });

  it('that break off or lie say so after what was sound', async () => {
    const packed = gzipSync('line\n'.repeat(50_000));
    const cut = await inflate(packed.subarray(0, packed.length - 10), 50);
    expect(cut.broken.map((b) => b.reason)).toEqual(['gzip.truncated']);
    const lying = Buffer.from(packed);
    lying[lying.length - 6] = (lying[lying.length - 6] ?? 0) ^ 1;
    expect((await inflate(lying, 50)).broken.map((b) => b.reason)).toEqual(['gzip.corrupt']);
  });
});
