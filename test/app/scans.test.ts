/**
 * Scan jobs over a whole hub: without a clause nothing is written but the decision; with one a job reaches what the constituent holds and no
 * more; it stops on the spot when the agreement does; what was seen beyond it is set aside, also when the file is read again.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { round } from '../../src/app/chores.ts';
import { saveEnd } from '../../src/modules/constituents/store/registry.ts';
import { tableDigests } from '../digest.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string; hung: string } = { lan: '', hung: '' };
const hub = (): TestHub => at.hub as TestHub;
const get = (path: string, cookie = at.lan): Promise<Answer> => hub().ask('GET', path, undefined, { cookie });
const post = (path: string, body: unknown, cookie = at.lan): Promise<Answer> => hub().ask('POST', path, body, { cookie });
const inHours = (hours: number): string => new Date(hub().world.clock.now() + hours * 3_600_000).toISOString();

const job = (constituent: string, targets: readonly string[], more: object = {}) => ({
  constituent, targets, ports: ['22', '443'], from: inHours(0), until: inHours(24), reason: 'The new advisory on gateways.', ...more,
});
async function made(constituent: string, targets: readonly string[], more: object = {}): Promise<string> {
  const answer = await post('/api/scans', job(constituent, targets, more));
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json<{ job: { id: string } }>().job.id;
}
const refused = (answer: Answer): [number, string, string?] => {
  const { code, at: where } = answer.json<{ code: string; at?: string }>();
  return where === undefined ? [answer.status, code] : [answer.status, code, where];
};

/** All records but the log's, and what any request leaves; the classes of what is in the log; how many decisions there are. */
async function records(): Promise<{ tables: string[]; classes: string[]; decisions: number }> {
  await hub().composition.sequencer.drain();
  const q = hub().world.db.as<object>();
  const left = ['decisions', 'challenges', 'decision_clock', 'facts_acts', 'sessions'];
  const tables = await tableDigests(hub().world.db, (name) => left.includes(name) || name.startsWith('ledger_'));
  const { rows: facts } = await sql<{ name: string }>`select class as name from ledger_openings order by index`.execute(q);
  const { rows: [row] } = await sql<{ n: string }>`select count(*) as n from decisions`.execute(q);
  return { tables, classes: facts.map((f) => f.name), decisions: Number(row?.n) };
}

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await at.hub.as('per_lan');
  at.hung = await at.hub.as('per_hung');
});
afterAll(() => at.hub?.close());

describe('without a mandate', () => {
  test.each([
    ['a service without scans', 'con_minrecords', '100.112.4.0/24', 'mandate.service-absent'],
    ['an agreement nobody signed yet', 'con_minwaters', '100.112.8.0/24', 'mandate.agreement-not-signed'],
  ])('%s: refused with the clause that is missing, and nothing is written but the decision', async (_, constituent, target, code) => {
    const before = await records();
    const answer = await post('/api/scans', job(constituent, [target]));
    expect(refused(answer)).toEqual([403, code]);
    // An agreement in force names the clause that leaves scans out; of one that is none yet there is no clause to name.
    const { clause } = answer.json<{ clause?: { agreementId: string; clause: string } }>();
    if (code === 'mandate.service-absent') expect(clause).toMatchObject({ agreementId: 'agr_warnminrecords', clause: '2.1' });
    const after = await records();
    expect(after.tables).toEqual(before.tables);
    expect(after.classes.slice(before.classes.length).filter((name) => !name.startsWith('decision.'))).toEqual([]);
    expect(after.decisions).toBe(before.decisions + 1);
  });
  test('where no organisation speaks for it, nobody could give one', async () => {
    const before = await records();
    expect(refused(await post('/api/scans', job('con_benthuong', ['100.113.32.0/24'])))).toEqual([403, 'scan.no-organisation']);
    expect((await records()).tables).toEqual(before.tables);
  });
  test('a constituent of no registry of one’s own is one that never was', async () => {
    expect(refused(await post('/api/scans', job('con_neverwas', ['100.112.0.0/24'])))).toEqual([404, 'constituent.not-found']);
  });
});

describe('with one', () => {
  test('every target is the constituent’s own; the first that is not is named', async () => {
    for (const [targets, code, where] of [
      [['100.112.0.0/24', '100.112.4.1'], 'scan.target-of-another', 'targets.1'], [['203.0.113.0/24'], 'scan.target-not-held', 'targets.0'],
      [['100.112.0.0/21'], 'scan.target-not-held', 'targets.0'], [['www.mintransit-gov.example', 'other.example'], 'scan.target-not-held', 'targets.1'],
      // It was the ministry's until it moved to a provider.
      [['100.112.16.0/24'], 'scan.target-of-another', 'targets.0'],
    ] as const) expect([targets, refused(await post('/api/scans', job('con_mintransit', targets)))]).toEqual([targets, [403, code, where]]);
    expect(refused(await post('/api/scans', job('con_mintransit', ['100.112.0.1/24'])))).toEqual([400, 'asset.not-a-prefix', 'targets.0']);
    expect(refused(await post('/api/scans', job('con_mintransit', ['100.112.0.0/24'], { ports: ['0'] })))).toEqual([400, 'scan.ports', 'ports.0']);
    expect(refused(await post('/api/scans', job('con_mintransit', ['100.112.0.0/24'], { until: inHours(-1) })))).toEqual([400, 'scan.window', 'until']);
  });
  test('a job is fetched by its scanner, with who it says it is and the clause; both sides have it on record', async () => {
    const id = await made('con_mintransit', ['100.112.0.0/24', 'www.mintransit-gov.example', '100.112.0.0/24']);
    const file = (await get(`/api/scans/${id}/file`)).json<Record<string, unknown>>();
    expect(file).toMatchObject({
      format: 'entente-scan-job-1', id, targets: ['100.112.0.0/24', 'www.mintransit-gov.example'], ports: ['22', '443'],
      clauses: [{ agreementId: 'agr_warnmintransit', clause: '2.1' }],
    });
    expect(file['userAgent']).toContain(id);
    await hub().composition.sequencer.drain();
    for (const cookie of [at.lan, at.hung]) {
      for (const name of ['scan.requested', 'scan.fetched']) {
        const { facts } = (await get(`/api/facts?subject=${id}&class=${name}`, cookie)).json<{ facts: { clauses: { clause: string }[] }[] }>();
        expect([name, facts.map((f) => f.clauses[0]?.clause)]).toEqual([name, ['2.1']]);
      }
    }
    // The ministry sees it with its reason; another ministry does not.
    const own = (await get('/api/my/scans', at.hung)).json<{ items: { id: string; reason: string }[] }>().items;
    expect(own.map((j) => j.id)).toContain(id);
    expect((await get('/api/my/scans', await hub().as('per_mai'))).json<{ items: unknown[] }>().items).toEqual([]);
    expect((await get(`/api/scans/${id}`, at.hung)).status).not.toBe(200);
  });
  test('what left the constituent’s hands since is not given out any more', async () => {
    const id = await made('con_mintransit', ['2001:db8:10::/64']);
    const { db, clock } = hub().world;
    const { assets } = (await get('/api/constituents/con_mintransit')).json<{ assets: { id: string; value: string }[] }>();
    const asset = assets.find((a) => a.value === '2001:db8:10::/48') as never as { id: string; to: string | null };
    await saveEnd(db, 'org_hub', { ...asset, to: clock.iso() } as never);
    clock.advance(1000);
    expect(refused(await get(`/api/scans/${id}/file`))).toEqual([403, 'scan.target-not-held', 'targets.0']);
    await saveEnd(db, 'org_hub', { ...asset, to: null } as never);
  });
});

interface Batch { id: string; counts: { read: number; stored: number; quarantined: number } }
async function results(feed: string, id: string, rows: readonly object[], file = 'results.ndjson'): Promise<Batch> {
  const sent = rows.map((row) => JSON.stringify({ type: 'exposure', src_port: 22, time: inHours(0), ...row })).join('\n');
  const answer = await post(`/api/feeds/${feed}/batches?file=${file}&job=${id}`, sent);
  return (JSON.parse(answer.text.trim().split('\n').at(-1) ?? '{}') as { batch: Batch }).batch;
}

describe('results', () => {
  test('beyond the job are set aside with the reason, now and when the file is read again', async () => {
    const feed = (await post('/api/feeds', { name: 'scanner', title: 'Scanner', shape: 'ndjson' })).json<{ feed: { id: string } }>().feed.id;
    const id = await made('con_mintransit', ['100.112.0.0/24', 'www.mintransit-gov.example']);
    hub().world.clock.advance(60_000);
    const batch = await results(feed, id, [
      { ip: '100.112.0.5' }, { ip: '198.51.100.7', domain: 'www.mintransit-gov.example' },
      { ip: '100.112.4.5' }, { ip: '100.112.0.6', src_port: 23 }, { ip: '100.112.0.7', time: inHours(-2) }, { domain: 'other.mintransit-gov.example' },
    ]);
    expect(batch.counts).toMatchObject({ read: 6, stored: 2, quarantined: 4 });
    const whole = (await get(`/api/batches/${batch.id}`)).json<{ reasons: unknown[] }>();
    expect(whole.reasons).toEqual([{ reason: 'scan.beyond-mandate', rows: 4 }]);
    expect((await get(`/api/scans/${id}`)).json<{ batches: Batch[] }>().batches.map((b) => b.id)).toEqual([batch.id]);
    const asked = await post(`/api/feeds/${feed}/replays`, {});
    expect([asked.status, asked.text]).toEqual([202, asked.text]);
    await hub().composition.pipeline.replay();
    expect((await get(`/api/batches/${batch.id}`)).json<{ batch: Batch }>().batch.counts).toMatchObject({ read: 6, stored: 2, quarantined: 4 });
  });
  test('of a job that is none are refused, and nothing of them is kept', async () => {
    const { items } = (await get('/api/feeds')).json<{ items: { id: string }[] }>();
    const before = await records();
    const answer = await post(`/api/feeds/${items[0]?.id}/batches?job=scn_neverwas`, '{}');
    expect(refused(answer)).toEqual([404, 'scan-job.not-found']);
    expect((await records()).tables).toEqual(before.tables);
  });
});

describe('when the mandate ends', () => {
  test('a suspension stops the job on the spot, on both records, and lifting it begins none again', async () => {
    const feed = (await post('/api/feeds', { name: 'scanner-two', title: 'Scanner', shape: 'ndjson' })).json<{ feed: { id: string } }>().feed.id;
    const [id, other] = [await made('con_mintransit', ['100.112.1.0/24']), await made('con_songlam', ['100.113.1.0/24'])];
    hub().world.clock.advance(60_000);
    const suspended = await post('/api/agreements/agr_warnmintransit/suspend', { part: 'scanning', ground: 'technical', statement: 'Being looked into.' },
      at.hung);
    expect([suspended.status, suspended.text]).toEqual([200, suspended.text]);
    // Before any reaction: the file is refused already.
    expect((await get(`/api/scans/${id}/file`)).status).toBe(403);
    expect((await get(`/api/scans/${other}/file`)).status).toBe(200);
    hub().world.clock.advance(1000);
    await round(hub().world, hub().composition);
    await hub().composition.sequencer.drain();
    type Shown = { job: { state: string; stoppedReason: string | null; stoppedAt: string } };
    const shown = async (which: string) => (await get(`/api/scans/${which}`)).json<Shown>().job;
    expect(await shown(id)).toMatchObject({ state: 'stopped', stoppedReason: 'mandate' });
    expect(await shown(other)).toMatchObject({ state: 'running' });
    for (const cookie of [at.lan, at.hung]) {
      expect((await get(`/api/facts?subject=${id}&class=scan.stopped`, cookie)).json<{ facts: unknown[] }>().facts).toHaveLength(1);
    }
    // What was seen before it stopped is a result; what was seen after is not.
    const before = new Date(Date.parse((await shown(id)).stoppedAt) - 30_000).toISOString();
    expect((await results(feed, id, [{ ip: '100.112.1.5', time: before }, { ip: '100.112.1.6', time: inHours(0) }])).counts)
      .toMatchObject({ stored: 1, quarantined: 1 });
    const { suspensions } = (await get('/api/agreements/agr_warnmintransit')).json<{ suspensions: { id: string }[] }>();
    const lifted = await post(`/api/agreements/agr_warnmintransit/suspensions/${suspensions[0]?.id}/lift`, { reason: 'Looked into.' }, at.hung);
    expect([lifted.status, lifted.text]).toEqual([200, lifted.text]);
    await round(hub().world, hub().composition);
    expect(await shown(id)).toMatchObject({ state: 'stopped' });
    expect(refused(await get(`/api/scans/${id}/file`))).toEqual([410, 'scan.stopped']);
  });
  test('a part withdrawn stops it too; people stop it by hand once; a window ends by itself', async () => {
    const [id, byHand] = [await made('con_songlam', ['100.113.2.0/24']), await made('con_songlam', ['100.113.3.0/24'])];
    expect((await post(`/api/scans/${byHand}/stop`, { reason: 'No need any more.' })).json<{ job: { state: string } }>().job.state).toBe('stopped');
    expect(refused(await post(`/api/scans/${byHand}/stop`, { reason: 'Again.' }))).toEqual([409, 'scan.stopped']);
    await post('/api/agreements/agr_warnsonglam/parts/scanning/withdraw', { reason: 'We scan by ourselves.' }, await hub().as('per_tuan'));
    expect((await get(`/api/scans/${id}/file`)).status).toBe(403);
    await round(hub().world, hub().composition);
    expect((await get(`/api/scans/${id}`)).json<{ job: { state: string } }>().job.state).toBe('stopped');
    expect(refused(await post('/api/scans', job('con_songlam', ['100.113.2.0/24'])))[0]).toBe(403);
    const over = await made('con_mintransit', ['100.112.2.0/24'], { until: inHours(1) });
    hub().world.clock.advance(3_600_000);
    expect(refused(await get(`/api/scans/${over}/file`))).toEqual([410, 'scan.over']);
    expect(refused(await post(`/api/scans/${over}/stop`, { reason: 'Too late.' }))).toEqual([409, 'scan.over']);
  });
});
