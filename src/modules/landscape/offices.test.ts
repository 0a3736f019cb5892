import { describe, expect, test } from 'vitest';
import { byTodaysProvinces, officeCsv, officeReport, type Body } from './offices.ts';

const now = Date.parse('2023-07-05T00:00:00Z');
const body = (id: string, kind: Body['kind'], name = id): Body => ({ id, kind, name, province: null });
const bodies = [body('a', 'ministry'), body('b', 'ministry'), body('p', 'province'), body('q', 'province')];
const month = (counts: Record<string, number>): Map<string, number> => new Map(Object.entries(counts));

describe('what a month shows of state bodies', () => {
  test('is the sum of its bodies, by kind, most addresses first', () => {
    const report = officeReport(bodies, [month({ a: 10, b: 4, p: 130, q: 4, isp: 900 }), month({ a: 12, p: 1 })], new Map(), now);
    expect(report.state).toBe(148);
    expect(report.stateBefore).toBe(13);
    expect(report.groups).toEqual([
      { kind: 'ministry', addresses: 14, affected: 2, bodies: 2 }, { kind: 'province', addresses: 134, affected: 2, bodies: 2 },
    ]);
    expect(report.bodies.map((b) => [b.id, b.addresses, b.before])).toEqual([['p', 130, 1], ['a', 10, 12], ['b', 4, 0], ['q', 4, 0]]);
  });

  test('without a month before there is nothing to compare with, which is not zero', () => {
    const report = officeReport(bodies, [month({ a: 1 }), null], new Map(), now);
    expect([report.stateBefore, report.bodies[0]?.before]).toEqual([null, null]);
  });

  test('who is affected in three of twelve months is affected again; the thirteenth month does not count', () => {
    const hit = month({ a: 1 });
    const none = month({});
    const twelve = [hit, none, hit, ...Array.from({ length: 9 }, () => none)];
    expect(officeReport(bodies, [...twelve, hit], new Map(), now).bodies[0]).toMatchObject({ months: 2, again: false });
    expect(officeReport(bodies, [...twelve.slice(0, 11), hit, hit], new Map(), now).bodies[0]).toMatchObject({ months: 3, again: true });
    expect(officeReport(bodies, [none, hit, hit, hit], new Map(), now).bodies.find((b) => b.id === 'a')).toMatchObject({ months: 3, again: false });
  });

  test('ages are whole days since the oldest open finding', () => {
    const work = new Map([['a', { open: 2, oldest: '2023-06-05T12:00:00Z' }], ['b', { open: 1, oldest: '2023-07-06T00:00:00Z' }]]);
    const found = officeReport(bodies, [month({})], work, now).bodies;
    expect(found.find((b) => b.id === 'a')).toMatchObject({ open: 2, oldestDays: 29 });
    expect(found.find((b) => b.id === 'b')).toMatchObject({ open: 1, oldestDays: 0 });
    expect(found.find((b) => b.id === 'p')).toMatchObject({ open: 0, oldestDays: null });
  });

  test('as a table no name is run by a spreadsheet, and quotes stay', () => {
    const [row] = officeReport([body('a', 'ministry', '=1+1 "Sông Lâm", office')], [month({ a: 3 })], new Map(), now).bodies;
    expect(officeCsv('2023-06', row ? [row] : []).split('\r\n')[1]).toBe('2023-06,"\'=1+1 ""Sông Lâm"", office",ministry,,3,,1,0,');
  });

  test('by the provinces of today, one that joined another counts with it, in months and in open work', () => {
    const changes = [
      { code: 'A', name: 'Province A', into: null }, { code: 'B', name: 'Province B', into: 'A' },
      { code: 'C', name: 'Province C', into: 'D' }, { code: 'D', name: 'Province D', into: null },
    ];
    const [p, q, r] = ['A', 'B', 'C'].map((code): Body => ({ ...body(code.toLowerCase(), 'province'), province: code }));
    const asked = [[body('m', 'ministry'), p, q, r] as Body[], [month({ a: 3, b: 4, c: 5, m: 1 }), null, month({ b: 2 })], new Map([
      ['a', { open: 1, oldest: '2023-06-20T00:00:00Z' }], ['b', { open: 2, oldest: '2023-06-01T00:00:00Z' }],
    ])] as const;
    const report = officeReport(...byTodaysProvinces(asked, changes), now);
    expect(report.bodies.map((b) => [b.id, b.province, b.name, b.addresses, b.months, b.open, b.oldestDays])).toEqual([
      ['a', 'A', 'a', 7, 2, 3, 34], ['c', 'D', 'Province D', 5, 1, 0, null], ['m', null, 'm', 1, 1, 0, null],
    ]);
    expect([report.state, officeReport(...asked, now).state]).toEqual([13, 13]);
  });
});
