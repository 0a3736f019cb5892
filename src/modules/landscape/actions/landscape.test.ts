import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeBlobs } from '#world/blobs/fake';
import type { Actor, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { insertConstituent } from '../../constituents/store/registry.ts';
import { landscapeApi } from '../api.ts';
import { landscapeRoutes } from '../routes.ts';
import { asLines, centre, ctipRow, noSources, openField, type Field } from '../testing.ts';
import { landscapeActions } from './index.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const acts = () => landscapeActions({
    hub: { name: 'Test', origin: 'https://hub.example' },
  db: field().db, events: field().events, clock: field().clock, ids: field().ids, types: field().parts.types,
    publisher: async () => centre, home: 'VN', provinces: [], stateSuffixes: ['.gov.vn'], blobs: fakeBlobs(), sources: noSources(field()),
});
const asked: string[] = [];
const as = (org: string, allow = true): Caller => ({
  actor: { person: 'p', org, roles: [], via: 'session', credential: 'x' } satisfies Actor, traceId: 't', address: '',
  until: new AbortController().signal, holds: () => undefined,
  may: async (right, about) => {
    asked.push(`${right} ${about.owner}`);
    if (!allow) throw new Refusal('forbidden', 'agreement.missing', 'No agreement allows this.');
    return { grantIds: [], clauses: [], labels: ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT'] };
  },
  approved: () => Promise.reject(new Error('nothing to approve')), reply: { setSession: () => undefined, clearSession: () => undefined },
});
const nobody = { ...as('x'), actor: null } as Caller<null>;
const refusal = async (run: Promise<unknown>): Promise<string> => run.then(() => 'allowed',
  (e: unknown) => (e instanceof Refusal ? e.code : String(e)));

beforeAll(async () => {
  at.field = await openField();
  const createdAt = field().clock.iso();
  for (const [id, org] of [['con_a', 'org_a'], ['con_b', 'org_b']] as const) {
    await insertConstituent(field().db, centre, { id, name: id.toUpperCase(), kind: 'ministry', org, sector: null, province: null, createdAt });
  }
  field().claims = [
    { kind: 'prefix', value: '100.64.0.0/24', owner: 'con_a', from: 0, to: Number.POSITIVE_INFINITY },
    { kind: 'prefix', value: '100.64.1.0/24', owner: 'con_b', from: 0, to: Number.POSITIVE_INFINITY },
  ];
  const feed = await field().addFeed({ name: 'main', shape: 'ctip' });
  const recent = Array.from({ length: 700 }, (_, i) => ctipRow(i, {
    DateTimeReceivedUtc: `2026-11-${String(1 + i % 18).padStart(2, '0')}T10:00:00Z`, TLP: i % 100 === 5 ? 'Red' : 'Amber',
  }));
  await field().ingest(feed, asLines(recent));
  const more = await field().addFeed({ name: 'counts', shape: 'ndjson' });
  const rows: object[] = [];
  for (let i = 0; i < 12_000; i++) rows.push({ time: '2025-02-03', type: 'user-heartbeat', user: `v${i}`, cc: 'VN' });
  for (let i = 0; i < 2580; i++) rows.push({ time: '2025-02-04', type: 'user-detection', user: `v${i}`, cc: 'VN' });
  for (let i = 0; i < 10_000; i++) rows.push({ time: '2025-02-03', type: 'user-heartbeat', user: `t${i}`, cc: 'TH' });
  for (let i = 0; i < 9999; i++) rows.push({ time: '2025-02-03', type: 'user-heartbeat', user: `k${i}`, cc: 'KH' });
  for (let i = 0; i < 30; i++) rows.push({ time: `2025-0${1 + i % 2}-05`, type: 'scanner', src_ip: `10.0.0.${i}`, cc: i % 3 ? 'TH' : 'VN', n: i });
  rows.push({ time: '2025-02-05', type: 'scanner', src_ip: '10.0.0.77', n: 77 });
  for (let i = 0; i < 9; i++) rows.push({ time: '2025-02-05', type: 'infection', family: 'rare', ip: `10.0.1.${i}`, cc: 'VN' });
  for (let i = 0; i < 12; i++) rows.push({ time: '2025-02-05', type: 'infection', family: 'usual', ip: `10.0.2.${i}`, cc: 'VN' });
  // Other networks, so that the table has more than one line of each.
  for (let i = 0; i < 40; i++) rows.push({ time: '2025-05-05', type: 'infection', family: 'plain', ip: `10.0.3.${i}`, cc: 'VN' });
  for (let i = 0; i < 50; i++) rows.push({ time: '2025-05-05', type: 'infection', family: i < 20 ? 'usual' : 'plain', ip: `10.0.4.${i}`, cc: 'TH' });
  await field().ingest(more, asLines(rows));
});
afterAll(async () => { await at.field?.close(); });

describe('public figures', () => {
  const statistic = (series: string, area: string, period: string) => acts().statistic({ series, area, period }, nobody);

  it('carry both counts, rank, population and floor', async () => {
    expect(await statistic('users-at-risk', 'VN', '2025-Q1')).toMatchObject({
      value: 21.5, numerator: 2580, denominator: 12_000, rank: 1, population: 2, floor: 10_000, unit: 'percent',
    });
    expect(await statistic('users-at-risk', 'TH', '2025')).toMatchObject({ value: 0, numerator: 0, denominator: 10_000, rank: 2 });
    expect(await statistic('attacks-by-origin', 'TH', '2025-Q1')).toMatchObject({ value: 20, denominator: null,
      rank: 1, population: 2, floor: null });
    expect(await statistic('attacks-by-origin', 'ZZ', '2025-02')).toMatchObject({ value: 1, rank: null });
    expect(await statistic('attacks-by-origin', 'JP', '2025')).toMatchObject({ value: 0, rank: null });
  });

  it('below the floor: no value, no rank, and listed as left out (F77)', async () => {
    expect(await statistic('users-at-risk', 'KH', '2025-Q1')).toMatchObject({ value: null, rank: null, denominator: 9999 });
    const ranking = await acts().ranking({ series: 'users-at-risk', period: '2025-Q1' }, nobody);
    expect(ranking.items.map((i) => i.area)).toEqual(['VN', 'TH']);
    expect(ranking.excluded).toEqual([{ area: 'KH', numerator: null, denominator: 9999, reason: 'below-floor' }]);
  });

  it('what is not published is not there', async () => {
    expect(await refusal(statistic('nonsense', 'VN', '2025'))).toBe('series.not-found');
    for (const period of ['2024', '2025-Q9', 'x', '']) expect(await refusal(statistic('attacks-by-origin', 'VN', period))).toBe('period.not-found');
    expect(await refusal(statistic('users-at-risk', 'VN', '2025-02'))).toBe('period.not-found');
    // No endpoint answers a share for a series without a denominator (F75).
    expect((await acts().ranking({ series: 'attacks-by-origin', period: '2025' }, nobody)).items.every((i) => i.denominator === null)).toBe(true);
  });

  it('over time show a gap as a gap', async () => {
    const { points } = await acts().series({ series: 'computers-infected', area: 'VN', grain: 'quarter' }, nobody);
    expect(points.map((p) => [p.period, p.state])).toEqual([
      ['2025-Q1', 'known'], ['2025-Q2', 'known'], ...['2025-Q3', '2025-Q4', '2026-Q1', '2026-Q2', '2026-Q3'].map((p) => [p, 'missing']), ['2026-Q4', 'known'],
    ]);
    expect(points[0]?.value).toBe(21);
    const { items } = await acts().statistics({}, nobody);
    expect(items.find((i) => i.series === 'attacks-by-origin')?.periods).toEqual(['2025', '2025-01', '2025-02', '2025-Q1']);
  });

  it('families with few addresses are not named', async () => {
    const found = await acts().families({ area: 'VN', period: '2025', limit: 10 }, nobody);
    // The nine of `rare` would be the area's total less the rest, so that a second one goes with it.
    expect(found).toMatchObject({ least: 10, items: [{ family: 'plain', addresses: 40 }], suppressed: 2 });
    const table = landscapeApi.familyTable.output.parse(await acts().familyTable({ period: '2025' }, nobody));
    const cell = (area: string, family: string) => table.cells[table.areas.indexOf(area)]?.[table.families.indexOf(family)];
    expect([cell('VN', 'rare'), cell('VN', 'usual'), cell('VN', 'plain'), cell('TH', 'rare')]).toEqual([null, null, 40, 0]);
    expect([cell('TH', 'usual'), table.familyTotals[table.families.indexOf('rare')]]).not.toContain(9);
    // The cell and its family’s total.
    expect(table.small).toBe(2);
    expect((await acts().families({ area: 'VN', period: '2025-Q1', limit: 10 }, nobody)).items).toEqual([]);
  });

  it('fit every answer’s schema and follow the next batch at once', async () => {
    landscapeApi.statistic.output.parse(await statistic('users-at-risk', 'VN', '2025-Q1'));
    landscapeApi.statistics.output.parse(await acts().statistics({}, nobody));
    const shared = acts();
    expect((await shared.statistic({ series: 'attacks-by-origin', area: 'JP', period: '2025' }, nobody)).value).toBe(0);
    const feed = await field().addFeed({ name: 'later', shape: 'ndjson' });
    await field().ingest(feed, asLines([{ time: '2025-03-03', type: 'ddos', src_ip: '10.9.9.9', cc: 'JP' }]));
    expect((await shared.statistic({ series: 'attacks-by-origin', area: 'JP', period: '2025' }, nobody)).value).toBe(1);
    // Published once; a further file into the year that is over is a correction for all to see.
    await field().pipeline.settle();
    const batch = await field().ingest(feed, asLines([{ time: '2025-03-03', type: 'ddos', src_ip: '10.9.9.8', cc: 'JP' }]));
    await field().pipeline.settle();
    expect((await shared.statistic({ series: 'attacks-by-origin', area: 'JP', period: '2025' }, nobody)).value).toBe(2);
    const { items } = landscapeApi.restatements.output.parse(await shared.restatements({ series: 'attacks-by-origin', limit: 50 }, nobody));
    expect(items.map(({ period, before, after, cause, batch: by }) => ({ period, before, after, cause, by }))).toEqual(
      ['2025-Q1', '2025-03', '2025'].map((period) => ({ period, before: 1, after: 2, cause: 'rows', by: batch.id })));
  });
});

describe('exposure', () => {
  it('is one’s own rows only, by mandate, without what is marked RED', async () => {
    const mine = await acts().exposure({}, as('org_a'));
    expect(landscapeApi.exposure.output.parse(mine).constituents).toEqual([{ id: 'con_a', name: 'CON_A' }]);
    expect(mine.events).toBe(256 - 3);
    expect(mine.trend).toHaveLength(30);
    expect(mine.trend.reduce((sum, day) => sum + day.events, 0)).toBe(mine.events);
    expect(asked.at(-1)).toBe(`exposure.view ${centre}`);
    const rows = await acts().exposureEvents({ limit: 500 }, as('org_a'));
    expect(rows.items).toHaveLength(253);
    expect(rows.items.every((row) => row.owner === 'con_a' && row.tlp !== 'RED')).toBe(true);
    expect((await acts().constituentExposure({ constituent: 'con_a' }, as(centre))).events).toBe(256);
  });

  it('is refused without an agreement, and unknown to who has none', async () => {
    expect(await refusal(acts().exposure({}, as('org_a', false)))).toBe('agreement.missing');
    expect(await refusal(acts().exposure({}, as('org_stranger')))).toBe('exposure.not-found');
    expect(await refusal(acts().constituentExposure({ constituent: 'con_a' }, as('org_a')))).toBe('constituent.not-found');
  });
});

describe('rows of the centre', () => {
  it('come page by page, each once, newest first, by every filter', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await acts().events({ limit: 97, kind: 'infection', from: '2026-11-01', cursor }, as(centre));
      landscapeApi.events.output.parse(page);
      ids.push(...page.items.map((row) => row.id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect([ids.length, new Set(ids).size]).toEqual([700, 700]);
    const count = async (filter: object): Promise<number> => (await acts().events({ limit: 500, ...filter } as never, as(centre))).items.length;
    expect(await count({ ip: '100.64.0.7' })).toBe(1);
    expect(await count({ ip: 'nonsense' })).toBe(0);
    expect(await count({ owner: 'con_b' })).toBe(256);
    expect(await count({ owner: 'none', kind: 'infection', from: '2026-01-01' })).toBe(700 - 512);
    expect(await count({ ip: `' OR 1=1 --` })).toBe(0);
  });

  it('are nobody else’s', async () => {
    expect((await acts().events({ limit: 10 }, as('org_a'))).items).toEqual([]);
    expect((await acts().episodes({ limit: 10 }, as('org_a'))).total).toBe(0);
    expect((await acts().feeds({}, as('org_a'))).items).toEqual([]);
    const [feed] = (await acts().feeds({}, as(centre))).items;
    const [batch] = (await acts().batches({ limit: 1 }, as(centre))).items;
    expect(await refusal(acts().viewFeed({ feed: feed?.id ?? '' }, as('org_a')))).toBe('feed.not-found');
    expect(await refusal(acts().viewBatch({ batch: batch?.id ?? '' }, as('org_a')))).toBe('batch.not-found');
    expect(await refusal(acts().quarantine({ batch: batch?.id ?? '', limit: 5 }, as('org_a')))).toBe('batch.not-found');
  });

  it('attributed and unattributed add up (F70)', async () => {
    const found = await acts().attribution({}, as(centre));
    expect(found).toMatchObject({ total: 700, attributed: 512, unattributed: 188, attributedPercent: 73.1, unattributedPercent: 26.9 });
    expect(found.owners.map((o) => o.name)).toEqual(['CON_A', 'CON_B']);
  });
});

describe('upload', () => {
  const send = async (org: string, feed: string, body: string): Promise<{ status: string; lines: Record<string, unknown>[] }> => {
    const route = landscapeRoutes({ publisher: async () => centre, types: field().parts.types, ...field(), pipeline: field().pipeline })
      .find((one) => one.endpointName === 'ingest');
    const request = new Request(`http://localhost/api/feeds/${feed}/batches?file=a.json&type=infected`, { method: 'POST', body });
    try {
      const answer = await route?.respond(request, as(org));
      return { status: String(answer?.status),
        lines: (await answer?.text() ?? '').trim().split('\n').map((l) => JSON.parse(l) as Record<string, unknown>) };
    } catch (error) {
      return { status: error instanceof Refusal ? error.code : String(error), lines: [] };
    }
  };
  it('streams a file in and answers with progress and the batch', async () => {
    const { status, lines } = await send(centre, 'main', asLines([ctipRow(90_001), ctipRow(90_001), ctipRow(90_002)]));
    expect(status).toBe('200');
    expect(lines[0]).toMatchObject({ phase: 'receive' });
    expect(lines.at(-1)).toMatchObject({ phase: 'done', batch: { state: 'done', fileName: 'a.json', counts: { read: 3, stored: 2, duplicate: 1 } } });
  });
  it('knows no feed of others', async () => {
    expect((await send('org_a', 'main', 'x')).status).toBe('feed.not-found');
    expect((await send('org_a', 'never', 'x')).status).toBe('feed.not-found');
  });
  it('a feed is made once, with a type that exists', async () => {
    const make = (feed: object) => acts().createFeed(landscapeApi.createFeed.input.parse(feed), as(centre));
    expect((await make({ name: 'smb', title: 'SMB', shape: 'shadowserver', reportType: 'scan-smb' })).feed.reportType).toBe('scan_smb');
    expect(await refusal(make({ name: 'smb', title: 'SMB', shape: 'shadowserver' }))).toBe('feed.name-taken');
    expect(await refusal(make({ name: 'odd', title: 'x', shape: 'shadowserver', reportType: 'nothing' }))).toBe('feed.unknown-type');
    expect((await acts().reportTypes({}, as(centre))).items).toHaveLength(170);
  });
});
