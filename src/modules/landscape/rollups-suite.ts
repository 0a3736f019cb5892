/** What the computed tables must hold on every engine: registered by `rollups.test.ts` and, on two servers, by the CI tier. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '#kit/ip/owners';
import { dice } from '#kit/dice';
import { readIp } from '#kit/ip/ip';
import { landscapeMigrations, tables } from './store.ts';
import { addressSeen } from './rows-store.ts';
import { periodOf, spanOf, dayNumber } from './periods.ts';
import { restatementsOf, staleMarks } from './settled-store.ts';
import { areaCounts, cellsOf, knownPeriods, periodCounts, type Stale } from './statistics-store.ts';
import type { FakeEvents } from '#world/events/fake';
import { asLines, centre, openField, type Field } from './testing.ts';
import type { Grain, SeriesName } from './model.ts';

const at = { field: null as Field | null, feed: '' };
const field = (): Field => at.field as Field;
const roll = dice(7);
const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
const areas = ['VN', 'TH', 'LA', 'ZZ'];

interface Row { time: string; type: string; cc?: string; ip?: string; src_ip?: string; domain?: string; family?: string; user?: string; n: number }

function randomRow(n: number): Row {
  const day = new Date(Date.UTC(2026, 5 + 2 * Math.floor(roll() * 3), 9 + 7 * Math.floor(roll() * 2), Math.floor(roll() * 24)));
  const time = day.toISOString();
  // Private addresses: no list knows them, so that the row's own word for its area counts.
  const last = Math.floor(roll() * 60);
  const cc = areas[last % 4] as string;
  const ip = `10.0.${last % 7}.${last}`;
  switch (Math.floor(roll() * 5)) {
    case 0: return { time, type: 'infection', ip, family: pick(['a', 'b', '']), cc, n };
    case 1: return { time, type: 'scanner', src_ip: ip, cc, n };
    case 2: return { time, type: 'defacement', domain: `www${n % 3}.site${last % 9}.com.vn`, cc: 'VN', n };
    case 3: return { time, type: 'user-heartbeat', user: `u${last}`, cc: pick(areas), n };
    default: return { time, type: 'user-detection', user: `u${last}`, family: pick(['web', 'local', 'other']), cc: pick(areas), n };
  }
}

const rows = Array.from({ length: 1500 }, (_, n) => randomRow(n));
const none: Stale = new Set();
const staleNow = async (): Promise<Stale> => new Set((await staleMarks(field().db, field().events, centre)).map((mark) => mark.period));

/** The same figures out of the rows as sent, in the plainest way. */
function expected(series: SeriesName, period: string, list: readonly Row[] = rows): Record<string, [number, number | null]> {
  const span = spanOf(period);
  const within = list.filter((row) => {
    const day = dayNumber(row.time);
    return span !== null && day >= span.from && day < span.to;
  });
  const things = new Map<string, Set<string>>();
  const add = (area: string, thing: string): void => void things.set(area, (things.get(area) ?? new Set()).add(thing));
  for (const row of within) {
    const area = row.cc ?? 'ZZ';
    if (series === 'attacks-by-origin' && row.type === 'scanner') add(area, String(row.n));
    if (series === 'computers-infected' && row.type === 'infection') add(area, row.ip ?? '');
    if (series === 'websites-attacked' && row.type === 'defacement') add(area, `${row.domain?.replace(/^www\d\./, '')} ${row.time.slice(0, 10)}`);
  }
  if (series !== 'users-at-risk') return Object.fromEntries([...things].map(([area, set]) => [area, [set.size, null]]));
  return usersExpected(within);
}

function usersExpected(within: readonly Row[]): Record<string, [number, number | null]> {
  const out: Record<string, [number, number | null]> = {};
  for (const user of new Set(within.flatMap((row) => row.user ?? []))) {
    const own = within.filter((row) => row.user === user);
    if (!own.some((row) => row.type === 'user-heartbeat')) continue;
    const homes = areas.map((area) => {
      const there = own.filter((row) => row.cc === area);
      return { area, days: new Set(there.map((row) => row.time.slice(0, 10))).size, last: there.map((row) => row.time).sort().at(-1) ?? '' };
    }).sort((x, y) => y.days - x.days || (x.last === y.last ? (x.area < y.area ? 1 : -1) : x.last < y.last ? 1 : -1));
    const home = homes[0]?.area ?? '';
    const [hit, all] = out[home] ?? [0, 0];
    out[home] = [hit + (own.some((row) => row.type === 'user-detection') ? 1 : 0), (all ?? 0) + 1];
  }
  return out;
}

async function found(series: SeriesName, period: string, stale: Stale): Promise<Record<string, [number, number | null]>> {
  const span = spanOf(period);
  if (span === null) return {};
  return Object.fromEntries((await areaCounts(field().events, centre, series, span, stale)).map((c) => [c.area, [c.numerator, c.denominator]]));
}

const grainsOf = (series: SeriesName): Grain[] => (series === 'users-at-risk' ? ['quarter', 'year'] : ['month', 'quarter', 'year']);
const every = (['attacks-by-origin', 'users-at-risk', 'websites-attacked', 'computers-infected'] as const).flatMap((series) =>
  grainsOf(series).flatMap((grain) => [...new Set(rows.map((row) => periodOf(dayNumber(row.time), grain)))].map((period) => ({ series, period }))));

/** `open` answers the engine under test. */
export function rollupsSuite(open: () => Promise<FakeEvents>): void {
  beforeAll(async () => {
    at.field = await openField(await open());
    at.feed = await field().addFeed({ name: 'main', shape: 'ndjson' });
    // Two files that share their days, so that a day is computed more than once.
    await field().ingest(at.feed, asLines(rows.filter((row) => row.n % 2 === 0)));
    await field().ingest(at.feed, asLines(rows.filter((row) => row.n % 2 === 1)));
  });
  afterAll(async () => { await at.field?.close(); });
  describe('figures over rollups', figures);
  describe('what is computed', healing);
  describe('owners after the registry changed', owners);
}

function figures(): void {
  it('are those of the rows, before a period is computed and after', async () => {
    const before = await staleNow();
    expect(before.has('2026-Q3') && before.has('users 2026')).toBe(true);
    for (const { series, period } of every) expect([series, period, await found(series, period, before)]).toEqual([series, period, expected(series, period)]);
    await field().pipeline.settle();
    expect(await staleNow()).toEqual(none);
    for (const { series, period } of every) expect([series, period, await found(series, period, none)]).toEqual([series, period, expected(series, period)]);
  });

  it('over time are the same numbers', async () => {
    for (const series of ['computers-infected', 'users-at-risk'] as const) {
      const points = await periodCounts(field().events, centre, series, 'VN', 'quarter', none);
      expect(points.map((p) => [p.period, p.numerator])).toEqual(
        ['2026-Q2', '2026-Q3', '2026-Q4'].map((period) => [period, expected(series, period)['VN']?.[0] ?? 0]));
      expect((await knownPeriods(field().events, centre, none, () => ['quarter'])).get(series)).toEqual(['2026-Q2', '2026-Q3', '2026-Q4']);
    }
  });

  it('by family count each address once', async () => {
    const span = spanOf('2026');
    const cells = span === null ? [] : await cellsOf(field().events, centre, span, none, { kind: 'infection', dim: 'family', area: 'VN' });
    const oracle = ['a', 'b', ''].map((family) => [family,
      new Set(rows.filter((r) => r.type === 'infection' && r.cc === 'VN' && r.family === family).map((r) => r.ip)).size]);
    expect(Object.fromEntries(cells.map((c) => [c.key, c.things]))).toEqual(Object.fromEntries(oracle));
  });

  it('of one address are those of its rows, by its days and by its months', async () => {
    const { events, db } = field();
    const bytes = new Uint8Array(16);
    readIp('10.0.3.3', bytes);
    const own = rows.filter((row) => (row.ip ?? row.src_ip) === '10.0.3.3');
    const days = { from: dayNumber('2026-06-12'), to: dayNumber('2026-10-31') };
    const within = own.filter((row) => dayNumber(row.time) >= days.from);
    for (const stale of [none, new Set(['2026-06', '2026-08', '2026-10'])]) {
      const found = await addressSeen(events, centre, bytes, days, stale, false);
      expect(found.reduce((sum, one) => sum + one.rows, 0)).toBe(within.length);
      expect(found.map((one) => one.last).sort().at(-1)).toBe(new Date(within.map((row) => row.time).sort().at(-1) ?? '').toISOString());
      expect(found.find((one) => one.kind === 'attack')?.days).toBe(
        new Set(within.filter((row) => row.type === 'scanner').map((row) => row.time.slice(0, 10))).size);
    }
    expect(await staleMarks(db, events, centre)).toEqual([]);
  });

  it('of a period that is over are restated when a late file moves them, and say by which', async () => {
    const late: Row = { time: '2026-08-10T10:00:00Z', type: 'infection', ip: '10.9.9.9', cc: 'VN', n: 9001 };
    const batch = await field().ingest(at.feed, asLines([late]));
    await field().pipeline.settle();
    const list = await restatementsOf(field().db, centre, { limit: 50 });
    const was = expected('computers-infected', '2026-Q3')['VN']?.[0] ?? 0;
    expect(list.filter((r) => r.period === '2026-Q3')).toEqual([expect.objectContaining({
      cause: 'rows', batch: batch.id, series: 'computers-infected', area: 'VN', before: was, after: was + 1,
    })]);
    // The year has not ended: its figures are not final, so that nothing is restated.
    expect(list.map((r) => r.period).sort()).toEqual(['2026-08', '2026-Q3']);
    rows.push(late);
    expect(await found('computers-infected', '2026', none)).toEqual(expected('computers-infected', '2026'));
  });
}

function healing(): void {
  it.each(['seen', 'month_seen', 'day_count', 'day_figure', 'period_figure', 'user_rate'])('heal where %s was lost with the machine', async (table) => {
    const { events, pipeline } = field();
    await events.command({ query: `TRUNCATE TABLE ${events.here(table)}`, each: true });
    await pipeline.recover();
    for (const { series, period } of every) expect([series, period, await found(series, period, none)]).toEqual([series, period, expected(series, period)]);
  });

  it('are computed anew where the formulas are newer than the store', async () => {
    for (const table of ['seen', 'day_count', 'day_figure', 'period_figure', 'user_rate']) {
      await field().events.command({ query: `TRUNCATE TABLE ${field().events.here(table)}`, each: true });
    }
    await tables(field().db).updateTable('landscape_settled').set({ version: 0 }).execute();
    await field().pipeline.recover();
    for (const { series, period } of every) expect([series, period, await found(series, period, none)]).toEqual([series, period, expected(series, period)]);
    expect(landscapeMigrations.length).toBeGreaterThan(1);
  });
}

function owners(): void {
  const claim = (kind: Claim['kind'], value: string, owner: string, from = '2026-01-01', to?: string): Claim => ({
    kind, value, owner, from: Date.parse(`${from}T00:00:00Z`) / 1000, to: to === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${to}T00:00:00Z`) / 1000,
  });
  const ownersStored = async (): Promise<Record<string, number>> => {
    const found = await field().events.query({ query: `SELECT owner, count() AS n FROM ev WHERE kind NOT LIKE 'user%' GROUP BY owner ORDER BY owner` });
    return Object.fromEntries((await found.json<{ owner: string; n: number }>()).map((r) => [r.owner, r.n]));
  };
  const asClaimed = (claims: readonly Claim[]): Record<string, number> => {
    const out: Record<string, number> = {};
    for (const row of rows.filter((r) => !r.type.startsWith('user'))) {
      const ip = row.ip ?? row.src_ip;
      const time = Date.parse(row.time) / 1000;
      const matches = claims.filter((c) => c.from <= time && time < c.to && (c.kind === 'prefix'
        ? ip?.startsWith(c.value.replace(c.value.endsWith('/24') ? '0/24' : '0.0/16', '')) : row.domain?.endsWith(c.value)));
      const owner = matches.sort((x, y) => Number(y.value.split('/')[1]) - Number(x.value.split('/')[1]))[0]?.owner ?? '';
      out[owner] = (out[owner] ?? 0) + 1;
    }
    return out;
  };
  const steps: Claim[][] = [
    [claim('prefix', '10.0.1.0/24', 'con_a'), claim('domain', 'site3.com.vn', 'con_b')],
    // One moves in the middle, a shorter prefix comes beneath, a domain goes.
    [claim('prefix', '10.0.1.0/24', 'con_a', '2026-01-01', '2026-08-01'), claim('prefix', '10.0.1.0/24', 'con_c', '2026-08-01'),
      claim('prefix', '10.0.0.0/16', 'con_d')],
    [],
  ];

  it('are those of the registry as it stands, at each row’s own time; the days follow', async () => {
    for (const claims of steps) {
      field().claims = claims;
      await field().pipeline.settle();
      expect(await ownersStored()).toEqual(asClaimed(claims));
      const counted = await field().events.query({
        query: `SELECT owner, sum(rows) AS n FROM day_count WHERE kind NOT LIKE 'user%' GROUP BY owner ORDER BY owner`,
      });
      expect(Object.fromEntries((await counted.json<{ owner: string; n: number }>()).map((r) => [r.owner, r.n]))).toEqual(asClaimed(claims));
    }
    const moves = (await restatementsOf(field().db, centre, { series: 'owner', limit: 50 }));
    expect(moves.filter((m) => m.area === 'con_d').map((m) => m.before > 0 ? 'lost' : 'gained')).toEqual(['lost', 'gained']);
  });

  it('a claim that came and went between two looks leaves nothing behind', async () => {
    const before = await ownersStored();
    field().claims = steps[0] ?? [];
    await field().ingest(at.feed, asLines([{ time: '2026-07-10T00:00:00Z', type: 'infection', ip: '10.0.1.77', cc: 'VN' }]));
    expect((await ownersStored())['con_a']).toBeGreaterThan(1);
    field().claims = [];
    await field().pipeline.settle();
    expect(await ownersStored()).toEqual({ ...before, '': (before[''] ?? 0) + 1 });
  });
}
