import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader, parseCsv } from './csv.ts';

/** A CSV field writer that quotes only when it must, or always. */
const written = (field: string, always: boolean): string =>
  always || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

/** Everything UTF-8 can say but NUL and half characters. */
const field = fc.string({ unit: fc.oneof(fc.constantFrom('"', ',', '\n', '\r\n', 'a', ' ', 'é', '語', '😀'),
  fc.string({ minLength: 1, maxLength: 1 })), maxLength: 12 })
  .map((text) => text.replaceAll(/[\u0000\ud800-\udfff\r]/gu, ''));

function readIn(bytes: Uint8Array, size: number): { records: string[][]; offsets: number[]; troubles: string[]; rows: number } {
  const out = { records: [] as string[][], offsets: [] as number[], troubles: [] as string[], rows: 0 };
  const reader = new CsvReader({
    record: (fields, _line, offset) => { out.records.push(fields); out.offsets.push(offset); },
    trouble: (t) => { out.troubles.push(`${t.line}:${t.offset}:${t.reason}`); out.rows += t.rows; },
  });
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return out;
}

describe('CSV', () => {
  it('reads back what was written, wherever the chunks are cut', () => {
    fc.assert(fc.property(
      fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 8 }), fc.boolean(), fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 40 }), fc.boolean(),
      (records, always, eol, size, mark) => {
        const rows = records.filter((fields) => always || fields.length > 1 || fields[0] !== '');
        const text = rows.map((fields) => fields.map((f) => written(f, always)).join(',')).join(eol);
        const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf8');
        const got = readIn(bytes, size);
        expect(got.records).toEqual(rows);
        expect(got.troubles).toEqual([]);
        for (const [i, offset] of got.offsets.entries()) {
          const first = written(rows[i]?.[0] ?? '', always);
          expect(bytes.subarray(offset, offset + Buffer.byteLength(first)).toString('utf8')).toBe(first);
        }
      },
    ), { numRuns: 400 });
  });

  it('answers alike for every cut of any bytes, and never throws', () => {
    fc.assert(fc.property(
      fc.array(fc.constantFrom(...[34, 34, 44, 10, 13, 97, 98, 0, 0xff, 0xc3, 0xa9]), { maxLength: 80 }).map((list) => Uint8Array.from(list)),
      fc.integer({ min: 1, max: 9 }),
      (bytes, size) => {
        expect(readIn(bytes, size)).toEqual(readIn(bytes, bytes.length || 1));
      },
    ), { numRuns: 800 });
  });

  it('an open quote costs its own line and nothing after it', () => {
    const lines = ['a,b', '1,2', '3,"open', '5,6', '"7",8', '9,10'];
    const got = readIn(Buffer.from(lines.join('\n')), 3);
    expect(got.records).toEqual([['a', 'b'], ['1', '2'], ['5', '6'], ['7', '8'], ['9', '10']]);
    expect(got.troubles).toEqual(['3:8:csv.text-after-quote']);
    const end = readIn(Buffer.from('a,b\n"x,1\n2,3\n'), 100);
    expect(end.records).toEqual([['a', 'b'], ['2', '3']]);
    expect(end.troubles).toEqual(['2:4:csv.unclosed-quote']);
  });

  it('a quoted field over many lines is one record, a stray quote is a character', () => {
    expect(parseCsv('a,"b\r\nc ""d""",e\nx"y,z\n').records.map((r) => r.fields)).toEqual([['a', 'b\r\nc "d"', 'e'], ['x"y', 'z']]);
  });

  it('an endless quote is given up within bounds', () => {
    const got = readIn(Buffer.from(`a\n"${'x\n'.repeat(200_000)}`), 65_536);
    expect(got.troubles).toEqual(['2:2:csv.unclosed-quote']);
    expect(got.records).toHaveLength(200_000);
  });
});
