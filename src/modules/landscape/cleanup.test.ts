/** Clean-up against an independent walk over the rows as they were sent, address by address and day by day. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { insertConstituent } from '../constituents/store/registry.ts';
import { landscapeActions } from './actions/index.ts';
import { survivalOf } from '#kit/survival';
import { cureDays, monthOf, never, type Course } from './cleanup.ts';
import { coursesOf, staysBegunIn } from './cleanup-store.ts';
import { spanOf } from './periods.ts';
import { asLines, centre, noSources, openField, type Field } from './testing.ts';

const roll = dice(77);
const start = Date.UTC(2026, 6, 27) / 86_400_000;
const iso = (day: number): string => new Date(day * 86_400_000 + 43_200_000).toISOString();
interface Row { feed: 'a' | 'b'; day: number; ip: string; family: string; cc: string }
/** Feed a delivers daily, feed b on two days of five; 40 addresses come and go. */
const hosts = Array.from({ length: 40 }, (_, host) => host);
const rows: Row[] = Array.from({ length: 110 }, (_, i) => start + i).flatMap((day, i) => hosts.flatMap((host): Row[] => {
  const ip = `10.1.${host % 3}.${host}`;
  const active = Math.sin(host * 1.7 + i / (4 + host % 9)) > 0.3;
  const cc = host % 8 === 0 ? 'TH' : 'VN';
  const feed = host % 2 === 0 ? 'a' : 'b';
  if (!active || (feed === 'b' && day % 5 > 1)) return [];
  return roll() < 0.7 ? [{ feed, day, ip, family: host % 5 === 0 ? '' : `f${host % 4}`, cc }] : [];
}));

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const acts = () => landscapeActions({
  ...field().parts, publisher: async () => centre, home: 'VN', stateSuffixes: [], provinces: [], sources: noSources(field()),
  hub: { name: 'Test', origin: 'https://hub.example' },
});
const officer = { actor: { org: centre, person: 'per' } } as unknown as Parameters<ReturnType<typeof acts>['botnetCleanUp']>[1];

beforeAll(async () => {
  at.field = await openField();
  await insertConstituent(field().db, centre, {
    id: 'con_isp', name: 'Net One', kind: 'isp', sector: 'telecom', org: null, province: null, createdAt: field().clock.iso(),
  });
  field().claims = [{ kind: 'prefix', value: '10.1.1.0/24', owner: 'con_isp', from: 0, to: Number.POSITIVE_INFINITY }];
  for (const name of ['a', 'b'] as const) {
    const feed = await field().addFeed({ name, shape: 'ndjson' });
    const lines = rows.filter((row) => row.feed === name)
      .map((row) => ({ time: iso(row.day), type: 'infection', ip: row.ip, ...row.family ? { family: row.family } : {}, cc: row.cc }));
    await field().ingest(feed, asLines(lines));
  }
});
afterAll(() => field().close());

const own = rows.filter((row) => row.cc === 'VN');
const monthOfDay = (day: number): string => iso(day).slice(0, 7);
const daysOf = (feed: string): number[] => [...new Set(rows.filter((row) => row.feed === feed).map((row) => row.day))].sort((x, y) => x - y);
const observed = { a: daysOf('a'), b: daysOf('b') };
/** Days of an address, and after which of them it stayed away for three deliveries of the feeds that saw it. */
function walk(ip: string): { day: number; cured: boolean }[] {
  const mine = own.filter((row) => row.ip === ip);
  const days = [...new Set(mine.map((row) => row.day))].sort((x, y) => x - y);
  return days.map((day, i) => {
    const next = days[i + 1] ?? Infinity;
    const feeds = new Set(mine.filter((row) => row.day === day).map((row) => row.feed));
    return { day, cured: [...feeds].every((feed) => observed[feed].filter((d) => d > day && d < next).length >= 3) };
  });
}
const addresses = [...new Set(own.map((row) => row.ip))];
const walks = new Map(addresses.map((ip) => [ip, walk(ip)]));

const monthsAsked = ['2026-08', '2026-09', '2026-10', '2026-11'];
describe.each(monthsAsked)('clean-up of %s', (month) => {
  test('new, persisting and cured are those of the rows, and make all that were infected', async () => {
    const told = await acts().botnetCleanUp({ month }, officer);
    const found = told.months.at(-1);
    const parts = { fresh: 0, persisting: 0, cured: 0, curedFresh: 0 };
    for (const days of walks.values()) {
      const last = days.findLast(({ day }) => monthOfDay(day) === month);
      if (!last) continue;
      const fresh = monthOfDay(days[0]?.day ?? 0) === month;
      if (last.cured) parts.cured += 1;
      if (last.cured && fresh) parts.curedFresh += 1;
      if (!last.cured) parts[fresh ? 'fresh' : 'persisting'] += 1;
    }
    const infected = new Set(own.filter((row) => monthOfDay(row.day) === month).map((row) => row.ip)).size;
    expect(found).toEqual({ period: month, infected, state: 0, ...parts });
    expect((found?.fresh ?? 0) + (found?.persisting ?? 0) + (found?.cured ?? 0)).toBe(infected);
  });
  test('stays that began in it are as long as in the rows, and half of them ended by the median', async () => {
    const { stays } = await acts().botnetCleanUp({ month }, officer);
    const mine: { time: number; ended: boolean }[] = [];
    for (const days of walks.values()) {
      let begun: number | null = null;
      for (const [i, { day, cured }] of days.entries()) {
        begun ??= day;
        if (!cured && i < days.length - 1) continue;
        if (monthOfDay(begun) === month) mine.push({ time: day - begun, ended: cured });
        begun = null;
      }
    }
    expect([stays.total, stays.open]).toEqual([mine.length, mine.filter((stay) => !stay.ended).length]);
    // The estimate by its other definition: the product over the ends one by one, latest of equal times first at risk.
    const lasting = (time: number): number => [...new Set(mine.filter((s) => s.ended && s.time <= time).map((s) => s.time))]
      .reduce((share, t) => share * (1 - mine.filter((s) => s.ended && s.time === t).length / mine.filter((s) => s.time >= t).length), 1);
    for (const step of stays.steps) expect(step.lasting).toBeCloseTo(lasting(step.days), 9);
    const half = Array.from({ length: 111 }, (_, t) => t).find((t) => lasting(t) <= 0.5 + 1e-9) ?? null;
    expect(stays.medianDays).toBe(half);
  });
  test('families and providers count each address once, beside the month before', async () => {
    const told = await acts().botnetCleanUp({ month }, officer);
    const count = (period: string, of: (row: Row) => boolean): number =>
      new Set(own.filter((row) => monthOfDay(row.day) === period && of(row)).map((row) => row.ip)).size;
    for (const { family, addresses: n, before } of told.families) {
      expect([n, before]).toEqual([count(month, (row) => row.family === family), count(told.monthBefore, (row) => row.family === family)]);
    }
    expect(told.families.map((f) => f.family).sort()).toEqual([...new Set(own.filter((row) => monthOfDay(row.day) === month).map((row) => row.family))].sort());
    const isp = (row: Row): boolean => row.ip.startsWith('10.1.1.');
    // An owner's addresses are counted over all areas, as on the page of state bodies.
    const anywhere = (period: string): number => new Set(rows.filter((row) => monthOfDay(row.day) === period && isp(row)).map((row) => row.ip)).size;
    expect(told.providers).toEqual([{ id: 'con_isp', name: 'Net One', addresses: anywhere(month), before: anywhere(told.monthBefore) }]);
    expect(told.elsewhere).toBe(count(month, (row) => !isp(row)));
  });
});

test('of the first month nobody knows what was new; months without a row are missing, not zero', async () => {
  const { months, historyFrom, monthsKnown, yearBefore } = await acts().botnetCleanUp({ month: '2026-08' }, officer);
  expect(months).toHaveLength(13);
  expect(months.at(-2)).toMatchObject({ period: '2026-07', fresh: null, persisting: null, curedFresh: null });
  expect(months.at(-2)?.cured).not.toBeNull();
  expect(months[0]).toEqual({ period: '2025-08', infected: null, state: null, fresh: null, persisting: null, cured: null, curedFresh: null });
  expect([historyFrom, yearBefore, monthsKnown]).toEqual(['2026-07-27', '2025-08', ['2026-11', '2026-10', '2026-09', '2026-08', '2026-07']]);
  await expect(acts().botnetCleanUp({ month: '2026-Q3' }, officer)).rejects.toMatchObject({ code: 'period.not-found' });
  const other = { actor: { org: 'org_other', person: 'per' } } as unknown as typeof officer;
  expect(await acts().botnetCleanUp({}, other)).toMatchObject({ monthsKnown: [], historyFrom: null, families: [], providers: [], elsewhere: 0 });
});

test('address by address in many parts gives the same as in one, and each part of a month occurs', async () => {
  const whose = { scope: centre, area: 'VN' };
  const sum = (courses: readonly Course[]): Record<string, number> => {
    const out: Record<string, number> = {};
    for (const c of courses) out[`${c.period} ${c.known} ${c.cured}`] = (out[`${c.period} ${c.known} ${c.cured}`] ?? 0) + c.addresses;
    return out;
  };
  const whole = await coursesOf(field().events, whose, start);
  const apart = await coursesOf(field().events, whose, start, 100);
  expect(apart.months.length).toBeGreaterThan(whole.months.length);
  expect(sum(apart.months)).toEqual(sum(whole.months));
  for (const known of [true, false]) for (const cured of [true, false]) expect(whole.months.some((c) => c.known === known && c.cured === cured)).toBe(true);
  const span = spanOf('2026-09') as NonNullable<ReturnType<typeof spanOf>>;
  expect(survivalOf(await staysBegunIn(field().events, whose, span, 100))).toEqual(survivalOf(await staysBegunIn(field().events, whose, span)));
});

test('a feed that was silent cures nobody: its third delivery after the day does', () => {
  const days = (...list: number[]) => list.map((day) => ({ feed: 'f', day }));
  expect(cureDays(days(10, 11, 30, 31)).map(({ key, day }) => [key, day])).toEqual([['f 10', 31], ['f 11', never], ['f 30', never], ['f 31', never]]);
  expect(cureDays([...days(5, 5, 4), { feed: 'g', day: 1 }])).toEqual([{ key: 'f 4', day: never }, { key: 'f 5', day: never }, { key: 'g 1', day: never }]);
});

test('the parts of a month add up, by hand', () => {
  const courses: Course[] = [
    { period: 'm', known: false, cured: false, addresses: 3 }, { period: 'm', known: false, cured: true, addresses: 4 },
    { period: 'm', known: true, cured: false, addresses: 5 }, { period: 'm', known: true, cured: true, addresses: 6 },
    { period: 'n', known: true, cured: true, addresses: 100 },
  ];
  expect(monthOf(courses, 'm', false)).toEqual({ infected: 18, fresh: 3, persisting: 5, cured: 10, curedFresh: 4 });
  expect(monthOf(courses, 'm', true)).toEqual({ infected: 18, fresh: null, persisting: null, cured: 10, curedFresh: null });
  expect(monthOf(courses, 'o', false)).toBeNull();
});
