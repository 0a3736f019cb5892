import { dice } from '#kit/dice';
import { fakeBlobs } from '#world/blobs/fake';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#kit/endpoint';
import { landscapeActions, feedById, insertFeed, insertOverrides } from '#modules/landscape/index';
import { noSources, openField, type Field } from '../../../modules/landscape/testing.ts';
import { overrides } from '../registry.ts';
import { telemetryFeeds, telemetryFiles } from './files.ts';
import { parametersAt } from './parameters.ts';

const scale = 0.01;
const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
beforeAll(async () => {
  at.field = await openField();
  await insertOverrides(field().db, overrides.map((o) => ({ prefix: o.prefix, area: o.country, asn: o.asn, reason: o.name })));
});
afterAll(async () => { await at.field?.close(); });

type Files = Map<string, { feed: string; lines: string[] }>;

/** The files behind the four figures, as lines. */
async function rawFiles(): Promise<Files> {
  const wanted = ['users-2018-Q4.ndjson', 'attacks-2018-Q4.ndjson', 'websites-2019.ndjson', 'infected-2019.json'];
  const out: Files = new Map();
  for (const file of telemetryFiles({ scale, today: 20_000, types: field().parts.types })) {
    if (!wanted.includes(file.fileName)) continue;
    let text = '';
    for await (const chunk of file.open()) text += Buffer.from(chunk).toString('utf8');
    out.set(file.fileName, { feed: file.feed, lines: text.trimEnd().split('\n') });
  }
  return out;
}

interface Row {
  time?: string; DateTimeReceivedUtc?: string; type?: string; cc?: string; SourceIpCountryCode?: string; src_ip?: string; ip?: string;
  SourceIp?: string; domain?: string; user?: string;
}
type Tally = Map<string, Map<string, number | [number, number]>>;

/** Counts the raw lines by hand: shares nothing with the pipeline or its SQL. */
function oracle(files: Files): Tally {
  const attacks = new Map<string, Set<string>>();
  const sites = new Map<string, Set<string>>();
  const hosts = new Map<string, Set<string>>();
  const days = new Map<string, Map<string, { days: Set<string>; last: string }>>();
  const hit = new Set<string>();
  const active = new Set<string>();
  const add = (to: Map<string, Set<string>>, area: string, what: string): void => { to.set(area, (to.get(area) ?? new Set()).add(what)); };
  for (const { lines } of files.values()) {
    for (const line of lines) {
      const row = JSON.parse(line) as Row;
      const time = row.time ?? row.DateTimeReceivedUtc ?? '';
      const ip = row.src_ip ?? row.ip ?? row.SourceIp ?? '';
      const area = ip.startsWith('100.') ? 'VN' : row.cc ?? row.SourceIpCountryCode ?? 'ZZ';
      const user = row.user;
      if (user !== undefined) {
        (row.type === 'user-detection' ? hit : active).add(user);
        const seen = days.get(user) ?? new Map<string, { days: Set<string>; last: string }>();
        const there = seen.get(area) ?? { days: new Set<string>(), last: '' };
        there.days.add(time.slice(0, 10));
        if (time > there.last) there.last = time;
        days.set(user, seen.set(area, there));
      } else if (row.SourceIp !== undefined) add(hosts, area, ip);
      else if (row.domain !== undefined) add(sites, area, `${row.domain.split('.').slice(-2).join('.')} ${time.slice(0, 10)}`);
      else add(attacks, area, line);
    }
  }
  const users = new Map<string, [number, number]>();
  for (const [user, seen] of days) {
    if (!active.has(user)) continue;
    const home = [...seen].sort(([, x], [, y]) => y.days.size - x.days.size || (x.last < y.last ? 1 : -1))[0]?.[0] ?? 'ZZ';
    const [attacked, all] = users.get(home) ?? [0, 0];
    users.set(home, [attacked + (hit.has(user) ? 1 : 0), all + 1]);
  }
  const sizes = (of: Map<string, Set<string>>): Map<string, number> => new Map([...of].map(([area, set]) => [area, set.size]));
  return new Map<string, Map<string, number | [number, number]>>([
    ['attacks-by-origin 2018-Q4', sizes(attacks)], ['users-at-risk 2018-Q4', users], ['websites-attacked 2019',
      sizes(sites)], ['computers-infected 2019', sizes(hosts)],
  ]);
}

const nobody = { actor: null } as unknown as Caller<null>;

/** Takes the files in under an organisation of their own and answers the published rankings. */
async function published(org: string, files: Files): Promise<{ tally: Tally; home: (series: string,
  period: string) => Promise<{ value: number | null; rank: number | null }> }> {
  // As the organisation's own: what agreements say of others' feeds is not the question here.
  for (const feed of telemetryFeeds) {
    const own = { ...feed, sourceOrg: null, agreement: null };
    await insertFeed(field().db, org, `${org}_${feed.name}`, field().clock.iso(), own);
  }
  for (const [fileName, { feed, lines }] of files) {
    const record = await feedById(field().db, org, feed);
    if (record === null) throw new Error(`no feed ${feed}`);
    field().clock.advance(1000);
    const source = (async function* () { yield Buffer.from(`${lines.join('\n')}\n`); })();
    const { counts } = await field().pipeline.ingest({ feed: record, source, fileName, typeGiven: null, actor: 'system' });
    expect(counts.stored + counts.duplicate).toBe(lines.length);
  }
  const actions = landscapeActions({
    hub: { name: 'Test', origin: 'https://hub.example' },
    db: field().db, events: field().events, clock: field().clock, ids: field().ids, types: field().parts.types,
      publisher: async () => org, home: 'VN', provinces: [], stateSuffixes: ['.gov.vn'], blobs: fakeBlobs(), sources: noSources(field()),
  });
  const tally: Tally = new Map();
  for (const [series, period] of [['attacks-by-origin', '2018-Q4'], ['users-at-risk', '2018-Q4'],
    ['websites-attacked', '2019'], ['computers-infected', '2019']] as const) {
    const { items } = await actions.ranking({ series, period }, nobody);
    tally.set(`${series} ${period}`, new Map(items.map((i) => [i.area,
      i.denominator === null ? i.value : [i.numerator ?? -1, i.denominator ?? -1]])));
  }
  return { tally, home: (series, period) => actions.statistic({ series, area: 'VN', period }, nobody) };
}

/** What an independent count publishes: below the floor is nobody ranked. */
function ranked(tally: Tally): Tally {
  return new Map([...tally].map(([key, areas]) => [key, new Map([...areas].filter(([, v]) => typeof v === 'number' || v[1] >= 10_000))]));
}

const plain = (tally: Tally): unknown => Object.fromEntries([...tally].map(([key, areas]) => [key, Object.fromEntries([...areas].sort())]));

describe('the figures of the demonstration', () => {
  it('are what its parameters say, counted from the raw rows', async () => {
    const files = await rawFiles();
    const p = parametersAt(scale);
    const { tally, home } = await published('org_whole', files);
    expect(plain(tally)).toEqual(plain(ranked(oracle(files))));
    expect((await home('attacks-by-origin', p.attacks.period)).value).toBe(p.attacks.rows);
    expect(await home('users-at-risk', p.users.period)).toMatchObject({ value: p.users.percent, rank: 3, floor: 10_000 });
    expect((await home('websites-attacked', p.websites.period)).value).toBe(p.websites.attacked);
    expect((await home('computers-infected', p.computers.period)).value).toBe(p.computers.infected);
    const users = tally.get('users-at-risk 2018-Q4');
    expect([users?.has('KH'), users?.has('LA')]).toEqual([false, true]);
  }, 300_000);

  it('move by exactly what a count of the raw files says when 1,000 rows go and 500 come from elsewhere', async () => {
    const files = await rawFiles();
    const roll = dice(1000);
    const total = [...files.values()].reduce((sum, file) => sum + file.lines.length, 0);
    const gone = new Set<number>();
    while (gone.size < 1000) gone.add(Math.floor(roll() * total));
    let n = 0;
    for (const file of files.values()) file.lines = file.lines.filter(() => !gone.has(n++));
    const added: Record<string, (i: number) => object> = {
      'attacks-2018-Q4.ndjson': (i) => ({ time: '2018-11-11T00:00:00Z', type: 'scanner', src_ip: `10.11.9.${i}`, cc: 'TH', added: i }),
      'users-2018-Q4.ndjson': (i) => ({ time: '2018-11-11T00:00:00Z',
        type: i % 2 ? 'user-heartbeat' : 'user-detection', user: `US-${i}`, cc: 'US', added: i }),
      'websites-2019.ndjson': (i) => ({ time: '2019-11-11T00:00:00Z', type: 'defacement', domain: `www.added${i}.example`, cc: 'TH' }),
      'infected-2019.json': (i) => ({ DateTimeReceivedUtc: '2019-11-11T00:00:00Z', SourceIp: `10.11.8.${i}`, SourceIpCountryCode: 'TH' }),
    };
    for (const [name, make] of Object.entries(added)) {
      for (let i = 0; i < 125; i++) files.get(name)?.lines.push(JSON.stringify(make(i)));
    }
    const want = ranked(oracle(files));
    expect(plain((await published('org_less', files)).tally)).toEqual(plain(want));
    expect(plain(want)).not.toEqual(plain(ranked(oracle(await rawFiles()))));
  }, 300_000);

  it('come out of files that are the same bytes every time', async () => {
    const all = async (): Promise<string[]> => {
      const { createHash } = await import('node:crypto');
      const sums: string[] = [];
      for (const file of telemetryFiles({ scale: 0.002, today: 20_400, types: field().parts.types })) {
        const hash = createHash('sha256');
        if (/2018-Q[1-3]|2019-Q|users/.test(file.fileName)) continue;
        for await (const chunk of file.open()) hash.update(chunk);
        sums.push(`${file.fileName} ${hash.digest('hex')}`);
      }
      return sums;
    };
    const first = await all();
    expect(first.length).toBeGreaterThan(20);
    expect(await all()).toEqual(first);
  });
});
