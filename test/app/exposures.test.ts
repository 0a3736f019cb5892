/**
 * Advisories on open systems over a whole hub: what is affected equals what the bare rows say, owners are told within ten minutes of
 * an import by the hub's own rounds, each pair of an advisory and a batch once, and nobody sees another's.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { versionKey } from '../../src/modules/landscape/exposures.ts';
import { round } from '../../src/app/chores.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string; feed: string } = { lan: '', feed: '' };
const hub = (): TestHub => at.hub as TestHub;
const get = (path: string, cookie = at.lan): Promise<Answer> => hub().ask('GET', path, undefined, { cookie });
const post = (path: string, body: unknown, cookie = at.lan): Promise<Answer> => hub().ask('POST', path, body, { cookie });

interface Row { readonly ip: string; readonly [key: string]: unknown }
const row = (minutesAgo: number, more: Row): Row & { time: string } => ({
  time: new Date(hub().world.clock.now() - minutesAgo * 60_000).toISOString(), type: 'exposure', ...more,
});
async function send(rows: readonly Row[], feed = at.feed): Promise<string> {
  const answer = await post(`/api/feeds/${feed}/batches?file=scan.ndjson`, rows.map((r) => JSON.stringify(r)).join('\n'));
  expect(answer.text).toContain('"phase":"done"');
  return /"batch":\{"id":"([^"]+)"/.exec(answer.text)?.[1] ?? '';
}
async function makeFeed(name: string): Promise<string> {
  return (await post('/api/feeds', { name, title: name, shape: 'ndjson' })).json<{ feed: { id: string } }>().feed.id;
}
async function publish(more: object): Promise<string> {
  const made = await post('/api/exposure-advisories', {
    title: 'Gateways let anybody in', severity: 'critical', source: 'https://advisories.example/1', ...more,
  });
  expect([made.status, made.text]).toEqual([201, made.text]);
  return made.json<{ advisory: { id: string } }>().advisory.id;
}
/** Rounds of the hub's chores until so many minutes have gone by. */
async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await round(hub().world, hub().composition);
    hub().world.clock.advance(60_000);
  }
  await round(hub().world, hub().composition);
}

interface Notices { notices: { id: string; severity: string; family: string; state: string; assets: number; events: number; releasedAt: string | null }[] }
const noticesOf = async (constituent: string, family: string): Promise<Notices['notices']> =>
  (await get(`/api/notices?constituent=${constituent}`)).json<Notices>().notices.filter((n) => n.family === family);
interface System { asset: string; port: number | null; owner: string | null; state: boolean; product: string | null; version: string | null; rows: number }
interface Whole { counts: Record<string, number>; items: System[]; next: string | null }
const systems = async (id: string, more = ''): Promise<Whole> => (await get(`/api/exposure-advisories/${id}?limit=500${more}`)).json<Whole>();

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await at.hub.as('per_lan');
  at.feed = await makeFeed('scans');
});
afterAll(() => at.hub?.close());

const gateway = { product: 'Edge Gateway', family: 'gateway', port: 443 };

describe('affected systems', () => {
  test('are those of the rows by product and version: state bodies first, the latest version decides, what nobody saw is said', async () => {
    await send([
      // Affected; the province's twice.
      row(60, { ip: '100.112.0.10', product: 'Edge Gateway', version: '9.1.2', src_port: 443, severity: 'low' }),
      row(60, { ip: '100.113.0.10', product: 'edge gateway', version: 'v9.1', src_port: 443 }),
      row(50, { ip: '100.113.0.10', product: 'edge gateway', version: 'v9.1', src_port: 443 }),
      row(60, { ip: '100.64.0.10', product: 'Edge Gateway', version: '8.0', port: 8443 }),
      row(60, { ip: '198.51.100.10', cpe: 'cpe:/a:acme:edge_gateway:9.0', version: '9.0', src_port: 443 }),
      // Not: fixed, before it began, of another product, seen fixed since, version never seen.
      row(60, { ip: '100.112.0.11', product: 'Edge Gateway', version: '9.1.3', src_port: 443 }),
      row(60, { ip: '100.112.0.12', product: 'Edge Gateway', version: '7.9', src_port: 443 }),
      row(60, { ip: '100.112.0.13', product: 'Edge Gateway Lite', version: '9.0', src_port: 443 }),
      row(60, { ip: '100.112.0.14', product: 'Edge Gateway', version: '9.0', src_port: 443 }),
      row(30, { ip: '100.112.0.14', product: 'Edge Gateway', version: '9.2', src_port: 443 }),
      row(60, { ip: '100.112.0.15', product: 'Edge Gateway', src_port: 443 }),
      // An infection is no exposure; what is older than the days looked at is none now.
      { ...row(60, { ip: '100.112.0.16', product: 'Edge Gateway', version: '9.0' }), type: 'infection' },
      row(40 * 1440, { ip: '100.112.0.17', product: 'Edge Gateway', version: '9.0', src_port: 443 }),
      // By its CVE alone.
      row(60, { ip: '100.96.0.10', tag: 'vpn;cve-2026-4711', src_port: 10443 }),
      row(60, { ip: '100.96.0.11', tag: 'cve-2026-47110' }),
    ]);
    const id = await publish({ cves: ['CVE-2026-4711'], match: { products: [{ product: gateway.product, from: '8', before: '9.1.3' }] } });
    const { counts, items } = await systems(id);
    expect(items.map((s) => [s.asset, s.port, s.owner, s.state, s.version, s.rows])).toEqual([
      ['100.113.0.10', 443, 'con_songlam', true, 'v9.1', 2], ['100.112.0.10', 443, 'con_mintransit', true, '9.1.2', 1],
      ['100.64.0.10', 8443, 'con_lotus', false, '8.0', 1], ['100.96.0.10', 10443, 'con_delta', false, null, 1],
      ['198.51.100.10', 443, null, false, '9.0', 1],
    ]);
    expect(counts).toEqual({ systems: 5, owners: 4, stateSystems: 2, stateBodies: 2, unattributed: 1, rows: 6, updated: 1, versionUnknown: 1 });
    expect((await systems(id, '&who=state')).items.map((s) => s.asset)).toEqual(['100.113.0.10', '100.112.0.10']);
    expect((await systems(id, '&who=unattributed')).items.map((s) => s.asset)).toEqual(['198.51.100.10']);
    expect((await systems(id, '&owner=con_lotus')).items.map((s) => s.asset)).toEqual(['100.64.0.10']);
    // Page by page the same, and as a table.
    const paged: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: Whole = (await get(`/api/exposure-advisories/${id}?limit=2${next === '' ? '' : `&cursor=${next}`}`)).json<Whole>();
      paged.push(...page.items.map((s) => s.asset));
      next = page.next;
    }
    expect(paged).toEqual(items.map((s) => s.asset));
    const table = await get(`/api/exposure-advisories/${id}/table`);
    expect([table.status, table.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(table.text.trim().split('\r\n').slice(1).map((line) => line.split(',')[0])).toEqual(items.map((s) => `"${s.asset}"`));
    expect((await post('/api/exposure-advisories/preview', {
      title: 'Preview', severity: 'high', source: 'https://advisories.example/2', match: { products: [{ product: gateway.product }] },
    })).json<Whole>().counts['systems']).toBe(8);
  });

  test('equal what a reader of the bare rows counts, for drawn rows and rules', async () => {
    const feed = await makeFeed('drawn');
    const draw = (() => {
      let seed = 7;
      return (n: number): number => { seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648; return Math.floor(seed / 65_536) % n; };
    })();
    const versions = ['', '1.0', '1.0-rc1', '1.2', '1.10', '2.0k', '2.0'];
    const rows = Array.from({ length: 400 }, () => row(draw(20 * 1440), {
      ip: `100.11${2 + draw(3)}.${draw(3)}.${draw(6)}`, src_port: 20 + draw(3), product: `daemon${draw(2)}`, version: versions[draw(versions.length)],
      family: `fam${draw(4)}`,
    }));
    await send(rows, feed);
    const id = await publish({ title: 'Drawn', match: { families: ['FAM3'], products: [{ product: 'Daemon1', from: '1.0', before: '2.0' }] } });
    const groups = new Map<string, typeof rows>();
    const seen = rows.filter((r, i) => rows.findIndex((x) => JSON.stringify(x) === JSON.stringify(r)) === i);
    for (const r of seen) groups.set(`${r.ip} ${r['src_port']}`, [...groups.get(`${r.ip} ${r['src_port']}`) ?? [], r]);
    const inRange = (r: Row): boolean => r['product'] === 'daemon1' && r['version'] !== ''
      && versionKey(String(r['version'])) >= versionKey('1.0') && versionKey(String(r['version'])) < versionKey('2.0');
    const outOf = (r: Row): boolean => r['product'] === 'daemon1' && r['version'] !== '' && !inRange(r);
    const second = (r: { time: string }): number => Math.floor(Date.parse(r.time) / 1000);
    const affected = [...groups].filter(([, list]) => {
      const hit = list.filter(inRange);
      return list.some((r) => r['family'] === 'fam3') || (hit.length > 0 && Math.max(...hit.map(second)) >= Math.max(0, ...list.filter(outOf).map(second)));
    });
    const { counts, items } = await systems(id);
    expect(affected.length).toBeGreaterThan(15);
    expect(new Set(items.map((s) => `${s.asset} ${s.port}`))).toEqual(new Set(affected.map(([key]) => key)));
    expect(counts['systems']).toBe(affected.length);
    expect(counts['rows']).toBe(affected.reduce((n, [, list]) => n + list.filter((r) => r['family'] === 'fam3' || inRange(r)).length, 0));
    expect((await post(`/api/exposure-advisories/${id}/withdraw`, { reason: 'a test' })).status).toBe(200);
  });

  test('an advisory that speaks of nothing, or of no CVE, is refused', async () => {
    const nothing = await post('/api/exposure-advisories', { title: 'Nothing', severity: 'high', source: 'https://advisories.example/3' });
    expect([nothing.status, nothing.json<{ code: string }>().code]).toEqual([400, 'exposure-advisory.speaks-of-nothing']);
    for (const cve of ['cve-2026-1', 'CVE-26-1234', 'CVE-2026-123', 'CVE-2026-1234x']) {
      const bad = { title: 'Bad', severity: 'high', source: 'https://advisories.example/4', cves: [cve] };
      expect((await post('/api/exposure-advisories', bad)).status).toBe(400);
    }
  });
});

describe('owners are told', () => {
  test('within ten minutes: of what was stored before, and of a scan that is imported while the advisory is in force', async () => {
    await minutes(1);
    const feed = await makeFeed('nightly');
    const before = hub().world.mail.letters.length;
    await send([row(20, { ip: '100.112.0.20', severity: 'low', tag: 'cve-2026-20001', src_port: 22 })], feed);
    const id = await publish({ title: 'Shells', cves: ['CVE-2026-20001'] });
    await minutes(10);
    const [told] = await noticesOf('con_mintransit', 'CVE-2026-20001');
    expect(told).toMatchObject({ severity: 'critical', state: 'released', assets: 1, events: 1 });
    // A later scan: another body, and once more the first.
    const began = hub().world.clock.now();
    await send([
      row(5, { ip: '100.113.0.20', severity: 'medium', tag: 'cve-2026-20001', src_port: 22 }),
      row(5, { ip: '100.112.0.20', severity: 'low', tag: 'cve-2026-20001', src_port: 22 }),
    ], feed);
    expect((await systems(id)).items.map((s) => s.asset)).toEqual(['100.112.0.20', '100.113.0.20']);
    await minutes(10);
    const [second] = await noticesOf('con_songlam', 'CVE-2026-20001');
    expect(second).toMatchObject({ severity: 'critical', state: 'released', assets: 1, events: 1 });
    expect(Date.parse(second?.releasedAt ?? '') - began).toBeLessThanOrEqual(600_000);
    expect(await noticesOf('con_mintransit', 'CVE-2026-20001')).toMatchObject([{ id: told?.id, events: 2 }]);
    // By letter, in words that name the CVE where a clause lets it.
    const letters = hub().world.mail.letters.slice(before).filter((m) => m.text.includes('CVE-2026-20001')).map((m) => m.to.address).sort();
    expect(letters).toEqual(['it@mintransit-gov.example', 'soc@songlam-gov.example']);
    // Its own notices stay as grave as the rows say.
    expect((await get('/api/notices?constituent=con_mintransit')).json<Notices>().notices.find((n) => n.family === '')?.severity).toBe('low');
  });
  test('once of each batch, whichever is heard first; of a withdrawn advisory not at all', async () => {
    const feed = await makeFeed('races');
    const one = (ip: string) => row(5, { ip, tag: 'cve-2026-30003', src_port: 22 });
    // Both wait to be heard: the advisory is heard first here, and the batch in the round after it.
    await send([one('100.112.4.1')], feed);
    const id = await publish({ title: 'Races', severity: 'high', cves: ['CVE-2026-30003'] });
    await send([one('100.112.4.2')], feed);
    await minutes(2);
    expect(await noticesOf('con_minrecords', 'CVE-2026-30003')).toMatchObject([{ severity: 'high', assets: 2, events: 2 }]);
    expect((await post(`/api/exposure-advisories/${id}/withdraw`, { reason: 'was wrong' })).status).toBe(200);
    await send([one('100.112.4.3')], feed);
    await minutes(2);
    expect(await noticesOf('con_minrecords', 'CVE-2026-30003')).toMatchObject([{ assets: 2, events: 2 }]);
    const again = await post(`/api/exposure-advisories/${id}/withdraw`, { reason: 'was wrong' });
    expect([again.status, again.json<{ code: string }>().code]).toEqual([409, 'exposure-advisory.withdrawn']);
  });
  test('a finding that its scans do not show any more is closed by observation', async () => {
    const feed = await makeFeed('patched');
    await publish({ title: 'Patched', severity: 'high', cves: ['CVE-2026-40004'] });
    await send([row(5, { ip: '100.112.4.40', tag: 'cve-2026-40004' })], feed);
    await minutes(1);
    for (let day = 0; day < 3; day++) {
      hub().world.clock.advance(86_400_000);
      at.lan = await hub().as('per_lan');
      await send([row(5, { ip: '100.112.4.40', note: 'no hole any more' })], feed);
      await minutes(1);
    }
    const { findings } = (await get('/api/findings')).json<{ findings: { asset: string; family: string; state: string }[] }>();
    expect(findings.find((f) => f.asset === '100.112.4.40' && f.family === 'CVE-2026-40004')?.state).toBe('closed');
    expect(findings.find((f) => f.asset === '100.112.4.40' && f.family === '')?.state).toBe('open');
  });
});

describe('a constituent', () => {
  test('sees what speaks of its own systems, and nothing of others’ or marked RED', async () => {
    await send([
      row(5, { ip: '100.112.0.60', tag: 'cve-2026-60006', src_port: 22 }), row(5, { ip: '100.112.4.60', tag: 'cve-2026-60006', src_port: 22 }),
      row(5, { ip: '100.112.0.61', tag: 'cve-2026-60006', src_port: 22, tlp: 'RED' }),
    ]);
    await publish({ title: 'Own', cves: ['CVE-2026-60006'] });
    const own = await get('/api/exposure/advisories', await hub().as('per_hung'));
    expect(own.status).toBe(200);
    const mine = own.json<{ items: { title: string; systems: number; shown: System[] }[] }>().items;
    expect(mine.find((a) => a.title === 'Own')).toMatchObject({ systems: 1, shown: [{ asset: '100.112.0.60', owner: 'con_mintransit' }] });
    for (const other of ['100.112.4.60', '100.112.0.61', 'con_minrecords', 'Ministry of Public Records']) expect(own.text).not.toContain(other);
    // Who has not signed is refused, and of no registry: nothing is there.
    const refused = await get('/api/exposure/advisories', await hub().as('per_khoa'));
    expect([refused.status, refused.json<{ code: string }>().code]).toEqual([403, 'mandate.agreement-not-signed']);
    expect((await get('/api/exposure/advisories', await hub().as('per_rivera'))).status).toBe(404);
    // The centre's own pages are the centre's.
    const list = await get('/api/exposure-advisories');
    const [first] = list.json<{ items: { id: string }[] }>().items;
    expect((await get(`/api/exposure-advisories/${first?.id}`, await hub().as('per_hung'))).status).not.toBe(200);
  });
});
