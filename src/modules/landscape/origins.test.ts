/** Origins of attacks against an independent count of the rows as they were sent. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { landscapeActions } from './actions/index.ts';
import { originsOf, spanBefore } from './origins.ts';
import { attackFlows } from './origins-store.ts';
import { spanOf } from './periods.ts';
import { insertOverrides } from './store.ts';
import { asLines, centre, noSources, openField, type Field } from './testing.ts';

const roll = dice(41);
const areas = ['VN', 'TH', 'LA', 'ZZ'];
/** Second byte of a private address by its area; what has none is unknown. */
const placed = ['VN', 'TH', 'LA'];
const address = (area: string, i: number): string => `10.${placed.includes(area) ? placed.indexOf(area) : 9}.0.${i}`;

interface Row { time: string; from: string; to: string | null; n: number; address: number; attack: boolean }
const rows: Row[] = Array.from({ length: 1200 }, (_, n) => ({
  // Two quarters, one between them empty.
  time: new Date(Date.UTC(2026, roll() < 0.4 ? 1 : 6 + Math.floor(roll() * 3), 1 + Math.floor(roll() * 27), n % 24)).toISOString(),
  from: areas[Math.floor(roll() * roll() * 4)] as string, to: roll() < 0.2 ? null : areas[Math.floor(roll() * 4)] as string,
  n, address: Math.floor(roll() * 20), attack: roll() < 0.9,
}));
const sent = rows.map((row) => ({
  time: row.time, type: row.attack ? 'scanner' : 'infection', src_ip: address(row.from, row.address),
  ...row.to === null ? {} : { dst_ip: address(row.to, 200 + row.n % 5) }, asn: 64_500 + row.address % 3, n: row.n,
}));

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const acts = () => landscapeActions({
  ...field().parts, publisher: async () => centre, home: 'VN', stateSuffixes: [], provinces: [], sources: noSources(field()),
  hub: { name: 'Test', origin: 'https://hub.example' },
});
const nobody = {} as Parameters<ReturnType<typeof acts>['attackOrigins']>[1];
const officer = { actor: { org: centre, person: 'per' } } as unknown as Parameters<ReturnType<typeof acts>['attackNetworks']>[1];

const within = (period: string): Row[] => {
  const span = spanOf(period);
  return rows.filter((row) => row.attack && span !== null && Date.parse(row.time) / 86_400_000 >= span.from && Date.parse(row.time) / 86_400_000 < span.to);
};
function tally<T>(list: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const out: Record<string, number> = {};
  for (const item of list) out[keyOf(item)] = (out[keyOf(item)] ?? 0) + 1;
  return out;
}

beforeAll(async () => {
  at.field = await openField();
  await insertOverrides(field().db, placed.map((area, i) => ({ prefix: `10.${i}.0.0/16`, area, asn: null, reason: 'test' })));
  const feed = await field().addFeed({ name: 'attacks', shape: 'ndjson' });
  await field().ingest(feed, asLines(sent.slice(0, 800)));
  await field().ingest(feed, asLines(sent.slice(500)));
});
afterAll(() => field().close());

const periods = ['2026-Q1', '2026-Q3', '2026-07', '2026-08', '2026-09', '2026'];
describe.each(periods)('attacks of %s', (period) => {
  test('the matrix is the count of rows by both areas, with the unknown and the untold', async () => {
    const flows = await attackFlows(field().events, centre, spanOf(period) ?? spanBefore({ period, grain: 'year', from: 0, to: 1 }));
    expect(flows.length).toBeGreaterThan(8);
    expect(Object.fromEntries(flows.map((flow) => [`${flow.origin} ${flow.target}`, flow.attacks])))
      .toEqual(tally(within(period), (row) => `${row.from} ${row.to}`));
  });
  test('what is asked for, what is listed and what is left add up to the whole', async () => {
    const list = within(period);
    const few = await acts().attackMatrix({ period, limit: 3 }, nobody);
    expect([few.total, few.asked, few.untold]).toEqual([list.length, list.length, list.filter((row) => row.to === null).length]);
    expect(few.items.reduce((sum, item) => sum + item.attacks, 0) + few.left.attacks).toBe(list.length);
    const home = await acts().attackMatrix({ period, target: 'VN', limit: 100 }, nobody);
    expect(home.asked).toBe(list.filter((row) => row.to === 'VN').length);
    expect(home.left).toEqual({ pairs: 0, attacks: 0 });
    expect(home.items.every((item, i) => item.target === 'VN' && item.attacks <= (home.items[i - 1]?.attacks ?? Infinity))).toBe(true);
  });
  test('the ranking has each origin with its share of all, the unknown without a rank', async () => {
    const found = await acts().attackOrigins({ period }, nobody);
    const counts = tally(within(period), (row) => row.from);
    expect(Object.fromEntries(found.items.map((item) => [item.area, item.attacks]))).toEqual(counts);
    expect(found.items.at(-1)).toMatchObject({ area: 'ZZ', rank: null });
    for (const item of found.items) {
      expect(item.share).toBeCloseTo(100 * (counts[item.area] ?? 0) / within(period).length, 1);
      if (item.rank !== null) {
        expect(item.rank).toBe(1 + Object.entries(counts).filter(([area, n]) => area !== 'ZZ' && n > item.attacks).length);
      }
    }
    expect(found.population).toBe(Object.keys(counts).length - 1);
  });
  test('the networks of the home area are its rows by number, and add up to its attacks', async () => {
    const own = within(period).filter((row) => row.from === 'VN');
    const found = await acts().attackNetworks({ period, limit: 2 }, officer);
    const by = tally(own, (row) => String(64_500 + row.address % 3));
    expect(found.total).toBe(own.length);
    for (const item of found.items) {
      expect(item.attacks).toBe(by[String(item.asn)]);
      expect(item.addresses).toBe(new Set(own.filter((row) => 64_500 + row.address % 3 === item.asn).map((row) => row.address)).size);
    }
    expect(found.items.reduce((sum, item) => sum + item.attacks, 0) + found.left.attacks).toBe(own.length);
  });
});

test('eight periods end with the one asked for, and one without a row is missing, not zero', async () => {
  const { series, periodBefore, totalBefore, items } = await acts().attackOrigins({ period: '2026-Q3' }, nobody);
  expect(series.map((point) => point.period)).toEqual(['2024-Q4', '2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2026-Q1', '2026-Q2', '2026-Q3']);
  const own = (period: string): number => within(period).filter((row) => row.from === 'VN').length;
  expect(series.map((point) => point.attacks)).toEqual([null, null, null, null, null, own('2026-Q1'), null, own('2026-Q3')]);
  expect([periodBefore, totalBefore, items[0]?.before, items[0]?.change]).toEqual(['2026-Q2', null, null, null]);
  const august = await acts().attackOrigins({ period: '2026-08' }, nobody);
  const thai = (period: string): number => within(period).filter((row) => row.from === 'TH').length;
  expect(august.items.find((item) => item.area === 'TH')?.before).toBe(thai('2026-07'));
  expect(august.items.find((item) => item.area === 'TH')?.change).toBeCloseTo(100 * (thai('2026-08') / thai('2026-07') - 1), 0);
});

test('a period without an attack, or that is none, is not there', async () => {
  for (const period of ['2026-Q2', '2026-Q5', 'x', '']) {
    await expect(acts().attackOrigins({ period }, nobody)).rejects.toMatchObject({ code: 'period.not-found' });
    await expect(acts().attackMatrix({ period, limit: 10 }, nobody)).rejects.toMatchObject({ code: 'period.not-found' });
  }
});

test('areas that are level share their rank, and who came from nothing has no change', () => {
  const count = (area: string, numerator: number) => ({ area, numerator, denominator: null });
  const { items, total, totalBefore, population } = originsOf([count('A', 5), count('B', 5), count('C', 2), count('ZZ', 28)], [count('A', 4)]);
  expect(items.map((item) => [item.area, item.rank, item.share, item.before, item.change])).toEqual([
    ['A', 1, 12.5, 4, 25], ['B', 1, 12.5, 0, null], ['C', 3, 5, 0, null], ['ZZ', null, 70, 0, null],
  ]);
  expect([total, totalBefore, population]).toEqual([40, 4, 3]);
});

test('the periods before go over the turn of a year', () => {
  const before = (period: string, back: number): string => spanBefore(spanOf(period) ?? { period, grain: 'year', from: 0, to: 1 }, back).period;
  expect([before('2019-Q1', 1), before('2019-Q1', 7), before('2019-01', 1), before('2019', 2)]).toEqual(['2018-Q4', '2017-Q2', '2018-12', '2017']);
});
