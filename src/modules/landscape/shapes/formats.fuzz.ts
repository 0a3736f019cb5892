/**
 * Whatever is sent to the formats of others: each byte sequence ends in rows and located troubles, whatever way it is cut into chunks, and
 * never in a fault.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf, valuesOf } from '#kit/lines/document';
import { timeReader } from '#kit/rows/pattern';
import { openReading } from '../pipeline/open-reading.ts';
import { Draft } from './draft.ts';
import { formats } from './formats.ts';
import type { FeedShape } from '../model.ts';

const shapes = [...Object.keys(formats)] as FeedShape[];

function read(shape: FeedShape, bytes: Uint8Array, size: number): { rows: string[]; troubles: string[] } {
  const out = { rows: [] as string[], troubles: [] as string[] };
  const draft = new Draft();
  const id = new Uint8Array(16);
  const reading = openReading({ feed: 'f', shape, typeGiven: null, typeOfFeed: null, fileName: 'x', types: new Map(), learned: [] }, {
    row(sent) {
      try {
        sent.identity(id);
        const unfit = sent.fill(draft);
        out.rows.push(`${sent.line}:${sent.offset}:${Buffer.from(id).toString('hex')}:${unfit?.reason ?? `${draft.kind} ${draft.time} ${draft.pairs}`}`);
      } catch (error) {
        // As the refinery does: too deep a row is set aside.
        if (!(error instanceof RangeError)) throw error;
        out.rows.push('too deep');
      }
    },
    trouble: (t) => void out.troubles.push(`${t.line}:${t.offset}:${t.reason}`),
  });
  for (let at = 0; at < bytes.length; at += size) reading.push(bytes.subarray(at, at + size));
  reading.end();
  return out;
}

/** Rows that look like those of the formats, with hostile values among them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom('', '2026-01-01T00:00:00Z', '192.0.2.1', '::1', 'http://[::1', 'http://a.b:99999/',
    'a|b|c', '__proto__', '1e999', '-1', '{', '\u0000'),
  fc.jsonValue({ maxDepth: 4 }),
);
const names = [...new Set(Object.values(formats).flatMap((format) => Object.values(format.rules).flatMap((rule) => rule.from)))];
const row = fc.dictionary(fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor', 'Event', 'Attribute', 'type', 'value', 'Tag'),
  fc.string({ maxLength: 8 })), hostile, { maxKeys: 12 });
const file = fc.oneof(
  fc.array(row, { maxLength: 6 }).map((rows) => JSON.stringify(rows)),
  fc.array(row, { maxLength: 6 }).map((rows) => rows.map((r) => JSON.stringify(r)).join('\n')),
  row.map((r) => JSON.stringify(r, null, 2)),
  fc.array(row, { maxLength: 5 }).map((rows) => JSON.stringify({ Event: { uuid: 'x', Attribute: rows, Object: [{ Attribute: rows }] } })),
  fc.array(fc.array(hostile, { maxLength: 5 }), { maxLength: 6 }).map((rows) => rows.map((r) => r.map(String).join(',')).join('\n')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

describe('formats of others, hostile', () => {
  it('end in rows and troubles, the same however the bytes are cut, also when they break off', () => {
    fc.assert(fc.property(file, fc.constantFrom(...shapes), fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (text,
      shape, size, part) => {
      const bytes = Buffer.from(text, 'utf8');
      expect(read(shape, bytes, size)).toEqual(read(shape, bytes, 1_000_000));
      read(shape, bytes.subarray(0, Math.floor(bytes.length * part)), size);
    }), { numRuns: 400 });
  });

  it('deep nesting, long lists and broken documents cost a row, not the run', () => {
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    for (const shape of shapes) {
      for (const text of [deep, `[${deep}]`, `{"Event":{"Attribute":[${deep}]}}`, '{"Event":{"Attribute":{"Attribute":[1]}}}', '\ufeff', '{', '[',
        '{"a":"']) {
        const { rows, troubles } = read(shape, Buffer.from(text), 4096);
        expect(rows.length + troubles.length).toBeLessThan(4);
      }
    }
  });
});

describe('documents', () => {
  it('elements of a list are cut as they stand in the text, at their byte offsets', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }), fc.constantFrom(0, 1, 2), (list, indent) => {
      const text = JSON.stringify({ é: { other: list, rows: list } }, null, indent);
      const bytes = Buffer.from(text, 'utf8');
      const found = [...elementsOf(text, (path) => path.join('.') === 'é.rows')];
      expect(found.map((element) => JSON.parse(element.text) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
      for (const { text: element, offset, line } of found) {
        expect(bytes.subarray(offset, offset + Buffer.byteLength(element)).toString('utf8')).toBe(element);
        expect(bytes.subarray(0, offset).toString('utf8').split('\n')).toHaveLength(line);
      }
    }));
  });

  it('values that follow each other are found whatever strings they hold', () => {
    fc.assert(fc.property(fc.array(fc.dictionary(fc.string(), fc.string()), { maxLength: 6 }), (values) => {
      const text = values.map((value) => JSON.stringify(value)).join(' \n');
      expect([...valuesOf(text)].map((value) => JSON.parse(value.text) as unknown)).toEqual(values.map((value) =>
        JSON.parse(JSON.stringify(value)) as unknown));
    }));
  });
});

describe('times by a pattern', () => {
  it('read back what was written, in any zone', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom('UTC', 'Asia/Ho_Chi_Minh', '+07:00', '-03:30'), (seconds, zone) => {
      const east = zone === 'UTC' ? 0 : zone === '-03:30' ? -12_600 : 25_200;
      // Before 1975 the zone's own history counts.
      const at = seconds < 500_000_000 ? seconds + 500_000_000 : seconds;
      const iso = new Date((at + east) * 1000).toISOString();
      const text = `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} lúc ${iso.slice(11, 19)}`;
      expect(timeReader("dd/MM/yyyy 'lúc' HH:mm:ss", zone)?.(text)).toBe(at);
    }));
  });
  it('refuse what is no pattern, no zone and no day', () => {
    for (const pattern of ['yyyy-MM', 'yyyy-MM-dd QQ', 'yyyy-MM-dd hh:mm', 'yyyy-MM-dd yyyy', '(yyyy']) expect(timeReader(pattern, 'UTC')).toBeNull();
    for (const zone of ['Mars/Olympus', '+99:00', '']) expect(timeReader('yyyy-MM-dd', zone)).toBeNull();
    const day = timeReader('yyyy-MM-dd hh:mm a', 'UTC');
    expect(day?.('2026-02-29 01:00 AM')).toBeNull();
    expect(day?.('2026-02-28 12:05 am')).toBe(Date.UTC(2026, 1, 28, 0, 5) / 1000);
    expect(day?.('2026-02-28 13:00 PM')).toBeNull();
    expect(timeReader('yyyy.MM.dd*', 'UTC')?.('2026.02.28T99')).toBe(Date.UTC(2026, 1, 28) / 1000);
  });
});
