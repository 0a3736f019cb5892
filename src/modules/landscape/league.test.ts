/** The league against an independent count of the rows as they were sent, and its ranks by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { insertAssets, insertConstituent } from '../constituents/store/registry.ts';
import { raiseNotice, saveFindings, type FindingRecord } from '../constituents/store/findings.ts';
import { landscapeActions } from './actions/index.ts';
import { leagueOf } from './league.ts';
import { asLines, centre, noSources, openField, type Field } from './testing.ts';

const roll = dice(9);
const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const acts = () => landscapeActions({
  ...field().parts, publisher: async () => centre, home: 'VN', stateSuffixes: [], provinces: [], sources: noSources(field()),
  hub: { name: 'Test', origin: 'https://hub.example' },
});
const officer = { actor: { org: centre, person: 'per' } } as unknown as Parameters<ReturnType<typeof acts>['ispLeague']>[1];

/** One has a /22 with another's /26 within it; two that /26, and a /25 from September on; three has only the number of its network. */
const assets = [
  ['one', 'prefix', '10.0.0.0/22', '2020-01-01', null], ['two', 'prefix', '10.0.1.0/26', '2020-01-01', null],
  ['two', 'prefix', '10.9.0.0/25', '2026-09-01', null], ['three', 'asn', '64999', '2020-01-01', null], ['one', 'asn', '64501', '2020-01-01', null],
  ['office', 'prefix', '10.0.3.0/24', '2020-01-01', null],
] as const;
const rows = Array.from({ length: 3000 }, () => {
  const month = 4 + Math.floor(roll() * 6);
  const pick = Math.floor(roll() * 5);
  const low = Math.floor(roll() * 256);
  const ip = pick < 4 ? `10.0.${pick}.${low}` : ['10.9.0.', '10.77.0.', '10.78.0.'][low % 3] + String(low);
  return { time: new Date(Date.UTC(2026, month, 1 + Math.floor(roll() * 28))).toISOString(), ip, asn: ip.startsWith('10.77') ? 64_501 : 64_999 };
});
const v6 = [{ time: '2026-10-02T00:00:00Z', ip: '2001:db8::7', asn: 64_501 }, { time: '2026-10-03T00:00:00Z', ip: '2001:db8::7', asn: 64_501 }];

beforeAll(async () => {
  at.field = await openField();
  for (const [id, kind] of [['one', 'isp'], ['two', 'isp'], ['three', 'isp'], ['office', 'ministry']] as const) {
    await insertConstituent(field().db, centre, { id, name: `Net ${id}`, kind, sector: null, org: null, province: null, createdAt: field().clock.iso() });
  }
  await insertAssets(field().db, centre, assets.map(([constituent, kind, value, from, to], i) => ({
    id: `a${i}`, constituent, kind, value, from: `${from}T00:00:00Z`, to, proof: null,
  })));
  field().claims = assets.map(([owner, kind, value, from]) => ({ kind, value, owner, from: Date.parse(from) / 1000, to: Number.POSITIVE_INFINITY }));
  const feed = await field().addFeed({ name: 'bots', shape: 'ndjson' });
  await field().ingest(feed, asLines([...rows, ...v6].map((row) => ({ ...row, type: 'infection', cc: 'VN' }))));
});
afterAll(() => field().close());

/** Who answers for an address then, in the plainest way. */
function ownerOf(ip: string, time: string): string | null {
  const [, b = 0, c = 0, d = 0] = ip.split('.').map(Number);
  if (b === 0 && c === 1 && d < 64) return 'two';
  if (b === 0 && c === 3) return 'office';
  if (b === 0) return 'one';
  return b === 9 && d < 128 && time >= '2026-09-01' ? 'two' : null;
}
const within = (owner: string, month: string): number =>
  new Set(rows.filter((row) => row.time.startsWith(month) && ownerOf(row.ip, row.time) === owner).map((row) => row.ip)).size;
const bases = (month: string): Record<string, number> => ({ one: 1024 - 64 - 256, two: month >= '2026-09' ? 64 + 128 : 64 });

describe.each(['2026-07', '2026-08', '2026-09', '2026-10'])('the league of %s', (month) => {
  test('has each provider’s own addresses over its own prefixes, and only those ranked that have any', async () => {
    const told = await acts().ispLeague({ month }, officer);
    expect(told.population).toBe(2);
    for (const id of ['one', 'two']) {
      const item = told.items.find((one) => one.id === id);
      const base = bases(month)[id] ?? 0;
      expect([id, item?.base, item?.infected]).toEqual([id, base, within(id, month)]);
      expect(item?.rate).toBeCloseTo((10_000 * within(id, month)) / base, 1);
      expect(item?.trend.map((point) => point.rate === null ? null : Math.round(point.rate))).toEqual(item?.trend.map(({ period }) =>
        period < '2026-05' ? null : Math.round((10_000 * within(id, period)) / (bases(period)[id] ?? 1))));
    }
    const three = told.items.at(-1);
    expect([three?.id, three?.rank, three?.rate, three?.base, three?.infected]).toEqual(['three', null, null, 0, 0]);
    // What the number of a network leads to is told beside the rate.
    const byNumber = rows.filter((row) => row.time.startsWith(month) && ownerOf(row.ip, row.time) === null);
    expect(three?.beside).toBe(new Set(byNumber.filter((row) => row.asn === 64_999).map((row) => row.ip)).size);
    expect(told.items.find((one) => one.id === 'one')?.beside).toBe(new Set(byNumber.filter((row) => row.asn === 64_501).map((row) => row.ip)).size);
  });
});

test('IPv6 is told apart', async () => {
  const one = (await acts().ispLeague({ month: '2026-10' }, officer)).items.find((item) => item.id === 'one');
  expect(one?.v6).toBe(1);
});

test('findings that are open count for as long as they were', async () => {
  const { id } = await raiseNotice(field().db, centre, {
    id: 'ntc', owner: 'one', kind: 'infection', type: 'infection', family: '', severity: 'high', first: '2026-10-01T00:00:00Z',
    last: '2026-10-01T00:00:00Z', events: 1, at: '2026-10-01T00:00:00Z', to: '2026-10-08T00:00:00Z',
  });
  const finding = (n: number, first: string, closedAt: string | null, reopenedAt: string | null = null): FindingRecord => ({
    feed: 'f',
    finding: {
      id: `fnd${n}`, notice: id, constituent: 'one', asset: `10.0.0.${n}`, kind: 'infection', type: 'infection', family: '', severity: 'high',
      confidence: null, first, last: first, events: 1, state: closedAt === null ? 'open' : 'closed', saidFixedAt: null, absentCycles: 0,
      exceptedUntil: null, exceptionReason: null, closedAt, reopened: reopenedAt === null ? 0 : 1, reopenedAt,
    },
  });
  await saveFindings(field().db, centre, [
    finding(1, '2026-10-01T00:00:00Z', '2026-10-01T10:00:00Z'), finding(2, '2026-10-02T00:00:00Z', '2026-10-03T00:00:00Z'),
    // Open for weeks; closed 30 hours after it came again; long before the six months.
    finding(3, '2026-10-04T00:00:00Z', null), finding(4, '2026-01-01T00:00:00Z', '2026-10-11T06:00:00Z', '2026-10-10T00:00:00Z'),
    finding(5, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  ]);
  const one = (await acts().ispLeague({ month: '2026-10' }, officer)).items.find((item) => item.id === 'one');
  // 10, 24 and 30 hours of four: half are closed after 24.
  expect([one?.findings, one?.open, one?.medianHours]).toEqual([4, 1, 24]);
});

test('a month that is none is not there, and whoever has no rows has no league', async () => {
  await expect(acts().ispLeague({ month: '2026' }, officer)).rejects.toMatchObject({ code: 'period.not-found' });
  const other = { actor: { org: 'org_other', person: 'per' } } as unknown as typeof officer;
  expect(await acts().ispLeague({}, other)).toMatchObject({ items: [], population: 0, medianRate: null, monthsKnown: [] });
});

test('equal rates share their rank, the fewest come first, and who has no base comes last', () => {
  const league = leagueOf([
    { id: 'x', base: 0, infected: 9 }, { id: 'b', base: 20_000, infected: 4 }, { id: 'a', base: 10_000, infected: 2 },
    { id: 'c', base: 10_000, infected: 1 }, { id: 'd', base: 3, infected: 1 },
  ]);
  expect(league.items.map((one) => [one.id, one.rank, one.rate])).toEqual([['c', 1, 1], ['a', 2, 2], ['b', 2, 2], ['d', 4, 3333.33], ['x', null, null]]);
  expect([league.population, league.medianRate]).toEqual([4, 2]);
});
