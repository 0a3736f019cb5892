/**
 * Source score cards over a whole hub, held against a reader of the bare rows who knows nothing of how they are made: drawn feeds, findings,
 * answers and months, ties and months without anything; and a provider that sees its own and nobody else's.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draws } from '../../src/modules/agreements/decide/testing.ts';
import { react } from '../../src/app/reactions.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string; feeds: Record<string, string> } = { lan: '', feeds: {} };
const hub = (): TestHub => at.hub as TestHub;
const get = (path: string, cookie = at.lan): Promise<Answer> => hub().ask('GET', path, undefined, { cookie });
const post = (path: string, body: unknown, cookie = at.lan): Promise<Answer> => hub().ask('POST', path, body, { cookie });
const hours = (count: number): void => hub().world.clock.advance(count * 3_600_000);
/** Sessions do not last for months: everybody signs in anew. */
const signIn = async (): Promise<void> => { at.lan = await hub().as('per_lan'); };

interface Share { part: number; whole: number; percent: number | null }
interface Score {
  told: number; useful: Share; false: Share; notJudged: Share; medianHours: number | null; batches: number; duplicate: Share; quarantined: Share;
  rows: { read: number; stored: number; duplicate: number; quarantined: number }; late: Share | null; gaps: number; gapHours: number; alone: Share | null;
}
interface Report {
  month: string; monthsKnown: string[]; csv: string; feeds: { id: string; name: string; provider: string | null; score: Score }[];
  providers: { id: string; feeds: number; score: Score }[];
}
const report = async (month: string): Promise<Report> => {
  const answer = await get(`/api/source-scores?month=${month}`);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, answer.text.slice(0, 200)]);
  return answer.json<Report>();
};

async function makeFeed(name: string, more: object = {}): Promise<void> {
  const made = await post('/api/feeds', { name, title: name, shape: 'ndjson', ...more });
  expect([made.status, made.text]).toEqual([201, made.text]);
  at.feeds[name] = made.json<{ feed: { id: string } }>().feed.id;
}
async function send(feed: string, rows: readonly object[]): Promise<void> {
  const answer = await post(`/api/feeds/${at.feeds[feed]}/batches?file=x.ndjson`, rows.map((r) => JSON.stringify(r)).join('\n'));
  expect(answer.text).toContain('"phase":"done"');
  await hub().composition.sequencer.drain();
  await react(hub().world);
}
async function releaseAll(): Promise<void> {
  const { notices } = (await get('/api/notices?state=waiting')).json<{ notices: { id: string }[] }>();
  const ids = notices.map((n) => n.id);
  // Five constituents at most: more take a second person.
  for (let i = 0; i < ids.length; i += 1) {
    const { digest } = (await post('/api/notices/preview', { notices: [ids[i]] })).json<{ digest: string }>();
    expect((await post('/api/notices/release', { notices: [ids[i]], digest })).status).toBe(200);
  }
}

beforeAll(async () => {
  at.hub = await testHub();
  await signIn();
  await makeFeed('own-scan', { cadenceHours: 24 });
  await makeFeed('kestrel-one', { sourceOrg: 'org_kestrel', agreement: 'agr_kestrel', cadenceHours: 48, windowHours: 96 });
  await makeFeed('kestrel-two', { sourceOrg: 'org_kestrel', agreement: 'agr_kestrel' });
  await makeFeed('meridian', { sourceOrg: 'org_meridian', agreement: 'agr_meridian' });
  await makeFeed('silent');
  await live();
});
afterAll(() => at.hub?.close());

const owners = [['100.112.0.', 'per_hung'], ['100.112.4.', 'per_mai'], ['100.113.0.', 'per_tuan']] as const;

/** Two months of deliveries and answers, drawn. */
async function live(): Promise<void> {
  const d = draws(47);
  hours(8 * 24);
  for (let day = 0; day < 22; day += 1) {
    await signIn();
    for (const name of ['own-scan', 'kestrel-one', 'kestrel-two', 'meridian']) {
      if (!d.chance(0.5)) continue;
      const rows = Array.from({ length: 1 + Math.floor(d.next() * 6) }, () => {
        const [net] = d.pick(owners);
        const time = new Date(hub().world.clock.now() - 3_600_000).toISOString();
        const sound = { time, type: 'infection', family: d.pick(['mirai', 'tinba']), ip: `${net}${1 + d.int(12)}` };
        return d.chance(0.1) ? { ...sound, ip: 'no address' } : sound;
      });
      await send(name, d.chance(0.3) ? [...rows, ...rows] : rows);
    }
    if (day % 3 === 2) await releaseAll();
    hours(Math.floor(d.next() * 12));
    for (const [, person] of owners) if (d.chance(0.6)) await answerSome(d, person);
    hours(24 - Math.floor((hub().world.clock.now() / 3_600_000) % 24) + 3);
  }
}

async function answerSome(d: ReturnType<typeof draws>, person: string): Promise<void> {
  const cookie = await hub().as(person);
  const { notices } = (await get('/api/my/notices', cookie)).json<{ notices: { id: string }[] }>();
  if (notices.length === 0) return;
  const notice = d.pick(notices).id;
  const act = d.pick(['acknowledge', 'fixed', 'dispute', 'except', 'dispute']);
  if (act === 'acknowledge') return void await post(`/api/my/notices/${notice}/acknowledge`, {}, cookie);
  const { findings } = (await get(`/api/my/notices/${notice}`, cookie)).json<{ findings: { id: string }[] }>();
  if (findings.length === 0) return;
  const finding = d.pick(findings).id;
  if (act === 'fixed') await post(`/api/my/findings/${finding}/fixed`, {}, cookie);
  else if (act === 'dispute') await post(`/api/my/findings/${finding}/dispute`, { reason: 'It is a test machine.' }, cookie);
  else {
    const until = new Date(hub().world.clock.now() + 5 * 86_400_000).toISOString();
    await post(`/api/my/findings/${finding}/except`, { until, reason: 'Waits for a part.' }, cookie);
  }
}

const bare = async <T>(table: string): Promise<T[]> =>
  (await sql<T>`select * from ${sql.table(table)}`.execute(hub().world.db.as<object>())).rows;

type Exact = Omit<Score, 'late' | 'gaps' | 'gapHours'>;
interface BareBatch { feed: string; state: string; ended_at: string; read: string; stored: string; duplicate: string; quarantined: string }

/** The same out of bare rows: all tables read whole, everything in plain loops. */
async function slowly(month: string, feeds: readonly string[], groups: Readonly<Record<string, string>>): Promise<Exact> {
  const [from, to] = [Date.parse(`${month}-01T00:00:00Z`), Date.parse(new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1)).toISOString())];
  const told = await bare<{ finding: string; notice: string; feed: string }>('finding_told');
  const notices = await bare<{ id: string; state: string; released_at: string | null }>('notice');
  const steps = (await bare<{ finding: string; n: string; at: string; what: string; by: string }>('finding_step'))
    .sort((x, y) => Number(x.n) - Number(y.n));
  const releasedOf = (id: string): number => {
    const found = notices.find((n) => n.id === id && n.state === 'released');
    return found?.released_at ? Date.parse(found.released_at) : Number.NaN;
  };
  const [tally, waits, done] = [{ told: 0, useful: 0, wrong: 0 }, [] as number[], new Set<string>()];
  for (const one of told) {
    const released = releasedOf(one.notice);
    const key = `${one.finding} ${one.notice}`;
    if (!feeds.includes(one.feed) || !(released >= from && released < to) || done.has(key)) continue;
    done.add(key);
    let until = Number.POSITIVE_INFINITY;
    for (const other of told) {
      const later = releasedOf(other.notice);
      if (other.finding !== one.finding || other.notice === one.notice) continue;
      if (later > released || (later === released && other.notice > one.notice)) until = Math.min(until, later);
    }
    let [word, closed, acted] = ['', false, Number.NaN];
    for (const step of steps) {
      const when = Date.parse(step.at);
      if (step.finding !== one.finding || when < released || when >= until) continue;
      if (step.what === 'closed' && step.by === 'observation') closed = true;
      if (['acknowledged', 'said-fixed', 'excepted', 'disputed'].includes(step.what)) word = step.what;
      const acting = ['acknowledged', 'said-fixed', 'excepted'].includes(step.what) || (step.what === 'closed' && step.by === 'observation');
      if (acting && !(acted <= when)) acted = when;
    }
    tally.told += 1;
    if (word === 'disputed') tally.wrong += 1;
    else if (word !== '' || closed) {
      tally.useful += 1;
      if (!Number.isNaN(acted)) waits.push(acted - released);
    }
  }
  waits.sort((x, y) => x - y);
  const [low, high] = [waits[Math.floor((waits.length - 1) / 2)] as number, waits[Math.floor(waits.length / 2)] as number];
  const middle = waits.length === 0 ? null : (low + high) / 2;
  const batches = (await bare<BareBatch>('landscape_batch'))
    .filter((b) => feeds.includes(b.feed) && b.state === 'done' && Date.parse(b.ended_at) >= from && Date.parse(b.ended_at) < to);
  const sum = (key: 'read' | 'stored' | 'duplicate' | 'quarantined'): number => batches.reduce((n, b) => n + Number(b[key]), 0);
  const events = await (await hub().world.events.query({
    query: `SELECT toString(feed) AS feed, toString(ip) AS ip, kind FROM ev WHERE toYYYYMM(day) = ${month.replace('-', '')}`,
  })).json<{ feed: string; ip: string; kind: string }>();
  const by = new Map<string, Set<string>>();
  for (const e of events) by.set(`${e.ip} ${e.kind}`, (by.get(`${e.ip} ${e.kind}`) ?? new Set()).add(groups[e.feed] ?? e.feed));
  const source = groups[feeds[0] ?? ''] ?? feeds[0] ?? '';
  const mine = [...by.values()].filter((set) => set.has(source));
  const share = (part: number, whole: number): Share =>
    ({ part, whole, percent: whole === 0 ? null : Number((Math.floor(part / whole * 1000 + 0.5) / 10).toFixed(1)) });
  return {
    told: tally.told, useful: share(tally.useful, tally.useful + tally.wrong), false: share(tally.wrong, tally.useful + tally.wrong),
    notJudged: share(tally.told - tally.useful - tally.wrong, tally.told), medianHours: middle === null ? null : Math.floor(middle / 360_000 + 0.5) / 10,
    batches: batches.length, rows: { read: sum('read'), stored: sum('stored'), duplicate: sum('duplicate'), quarantined: sum('quarantined') },
    duplicate: share(sum('duplicate'), sum('read')), quarantined: share(sum('quarantined'), sum('read')),
    alone: share(mine.filter((set) => set.size === 1).length, mine.length),
  };
}

describe('a score card', () => {
  test('equals the bare rows, feed by feed and by provider, in each month', async () => {
    await signIn();
    const { monthsKnown } = await report('2026-07');
    expect(monthsKnown.length).toBeGreaterThanOrEqual(2);
    const seen = { told: 0, useful: 0, wrong: 0, notJudged: 0, alone: 0 };
    for (const month of monthsKnown) {
      const whole = await report(month);
      expect(whole.feeds.map((f) => f.name).sort()).toEqual(['kestrel-one', 'kestrel-two', 'meridian', 'own-scan', 'silent']);
      for (const feed of whole.feeds) {
        const { late: _late, gaps: _gaps, gapHours: _hours, ...score } = feed.score;
        expect([month, feed.name, score]).toEqual([month, feed.name, await slowly(month, [feed.id], {})]);
        seen.told += score.told;
        seen.useful += score.useful.part;
        seen.wrong += score.false.part;
        seen.notJudged += score.notJudged.part;
        seen.alone += score.alone?.part ?? 0;
      }
      expect(whole.providers.map((p) => [p.id, p.feeds])).toEqual([['org_kestrel', 2], ['org_meridian', 1]]);
      for (const provider of whole.providers) {
        const own = whole.feeds.filter((f) => f.provider === provider.id).map((f) => f.id);
        const groups = Object.fromEntries(whole.feeds.flatMap((f) => (f.provider === null ? [] : [[f.id, f.provider]])));
        const { late: _late, gaps: _gaps, gapHours: _hours, ...score } = provider.score;
        expect([month, provider.id, score]).toEqual([month, provider.id, await slowly(month, own, groups)]);
      }
    }
    // The draw holds something of everything, or it shows nothing.
    for (const [what, count] of Object.entries(seen)) expect([what, count > 3]).toEqual([what, true]);
  });
  test('of a month or a feed without anything has null for every share, never 0 %', async () => {
    const empty = await report('2026-01');
    for (const { score } of [...empty.feeds, ...empty.providers]) {
      expect([score.useful.percent, score.false.percent, score.notJudged.percent, score.medianHours, score.duplicate.percent, score.alone?.percent, score.late])
        .toEqual([null, null, null, null, null, null, null]);
    }
    const silent = (await report('2026-06')).feeds.find((f) => f.name === 'silent');
    expect([silent?.score.told, silent?.score.late, silent?.score.alone]).toEqual([0, null, { part: 0, whole: 0, percent: null }]);
    expect(empty.csv.split('\r\n')[1]).not.toContain('0%');
    for (const wrong of ['2026', '2026-Q2', '2099-01', 'nonsense']) {
      expect([wrong, (await get(`/api/source-scores?month=${wrong}`)).status]).toEqual([wrong, 404]);
    }
  });
  test('tells how long each feed was overdue, and what it lost', async () => {
    const { feeds } = await report('2026-06');
    const own = feeds.find((f) => f.name === 'own-scan')?.score.late;
    const times = (await bare<BareBatch>('landscape_batch')).filter((b) => b.feed === at.feeds['own-scan']).map((b) => Date.parse(b.ended_at))
      .sort((x, y) => x - y);
    let [late, all] = [0, 0];
    for (let minute = times[0] as number; minute < Date.parse('2026-07-01T00:00:00Z'); minute += 60_000) {
      const last = times.filter((t) => t <= minute).at(-1) as number;
      all += 1;
      if (minute - last >= 86_400_000) late += 1;
    }
    expect(own?.part).toBeCloseTo(late / 60, 0);
    expect(own?.whole).toBeCloseTo(all / 60, 0);
    expect(own?.part).toBeGreaterThan(0);
    expect(feeds.find((f) => f.name === 'meridian')?.score.late).toBeNull();
  });
});

describe('a provider', () => {
  test('sees its own score under its clause, equal to what the centre sees, and nobody else’s; both have it on record', async () => {
    const keller = await hub().as('per_keller');
    const own = await get('/api/my/source-score?month=2026-06', keller);
    expect(own.status).toBe(200);
    const whole = await report('2026-06');
    const mine = own.json<Report>();
    expect(mine.feeds).toEqual(whole.feeds.filter((f) => f.provider === 'org_kestrel'));
    expect(mine.providers).toEqual(whole.providers.filter((p) => p.id === 'org_kestrel'));
    const others = Object.entries(at.feeds).filter(([name]) => !name.startsWith('kestrel'));
    for (const other of ['org_meridian', ...others.flat()]) expect(own.text).not.toContain(other);
    await hub().composition.sequencer.drain();
    for (const cookie of [keller, at.lan]) {
      const { facts } = (await get('/api/facts?class=source-score.viewed', cookie)).json<{ facts: { clauses: { agreementId: string }[] }[] }>();
      expect(facts[0]?.clauses[0]?.agreementId).toBe('agr_kestrel');
    }
  });
  test('without such a clause is refused with the reason', async () => {
    // Meridian's membership lets the centre pull; it gives Meridian no side of its own.
    const operator = await hub().enter({ id: 'per_operator', organisation: 'org_meridian', roles: ['feed-operator'] });
    const refused = await get('/api/my/source-score?month=2026-06', operator);
    expect([refused.status, refused.json<{ code: string }>().code.split('.')[0]]).toEqual([403, 'mandate']);
    const keller = await hub().as('per_keller');
    expect((await get('/api/source-scores?month=2026-06', keller)).json<Report>().feeds).toEqual([]);
    await post('/api/agreements/agr_kestrel/parts/information-sharing/withdraw', { reason: 'a test' }, keller);
    expect((await get('/api/my/source-score?month=2026-06', keller)).status).toBe(403);
  });
});
