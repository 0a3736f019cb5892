/** Where a product sends (F24), over HTTP: filing a declaration, comparing a capture that is not kept, hostile ones, who sees what, and the finding. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub, within } from '#world/db/scope';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { frameOf, pcapngOf, pcapOf, sampleCapture, tlsHello } from '../../src/kit/flows/testing.ts';
import { demoPosture, origin, testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; cookies: Record<string, string>; ids: Record<string, string> } = { cookies: {}, ids: {} };
const hub = (): TestHub => at.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body, { cookie: at.cookies[who] ?? '' });
const id = (name: string): string => at.ids[name] ?? '';

const device = '10.0.0.5';
const declared = (release: string, flows: readonly object[]): string => JSON.stringify({
  v: 1, product: 'Kestrel Shield', release, flows: flows.map((f) => ({ purpose: 'what for', ...f })),
});
const updates = { to: ['updates.kestrel.example'], ports: [443] };
interface Made { id: string; open: number; capture: { sha256: string; bytes: number; brokenOff: boolean }; counts: Record<string, number>; devices: string[] }
interface Line { phase: string; comparison?: Made; problem?: { code: string; at?: string } }
interface Shown { comparison: Made; undeclared: { way: number; host: string | null; address: string; why: string; flaw: string | null }[];
  flaws: { id: string; title: string; state: string }[] }

async function file(release: string, text: string, how = 'access=agreement&tlp=AMBER', name = 'flows.json'): Promise<Answer> {
  return ask('moser', 'POST', `/api/releases/${release}/artefacts?kind=flows&name=${name}&${how}`, text);
}
const filed = async (...of: Parameters<typeof file>): Promise<string> => {
  const answer = await file(...of);
  expect(answer.status, answer.text).toBe(201);
  return answer.json<{ artefact: { id: string } }>().artefact.id;
};
const query = (over: Record<string, string> = {}): string =>
  new URLSearchParams({ artefact: id('declaration'), device, lab: '10.0.0.0/24', ...over }).toString();
async function compare(capture: Uint8Array, over: Record<string, string> = {}, visit = id('visit')): Promise<Line> {
  const answer = await ask('son', 'POST', `/api/visits/${visit}/flow-comparisons?${query(over)}`, capture);
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text.trim().split('\n').at(-1) ?? '{}') as Line;
}
const made = async (capture: Uint8Array, over: Record<string, string> = {}): Promise<Made> => {
  const { comparison, problem } = await compare(capture, over);
  if (!comparison) throw new Error(JSON.stringify(problem));
  return comparison;
};
const shown = async (comparison: string): Promise<Shown> => (await ask('son', 'GET', `/api/flow-comparisons/${comparison}`)).json<Shown>();
const count = async (visit = id('visit')): Promise<number> =>
  (await ask('son', 'GET', `/api/visits/${visit}/flow-comparisons`)).json<{ items: unknown[] }>().items.length;

async function newVisit(over: object = {}): Promise<string> {
  const day = (days: number): string => new Date(hub().world.clock.now() + days * 86_400_000).toISOString().slice(0, 10);
  const asked = await ask('son', 'POST', '/api/visits', {
    artefact: id('source'), level: 'red', mode: 'remote', goals: 'Where does telemetry go?', questions: [], from: day(0), to: day(30),
    items: [{ kind: 'person', name: 'Son', ref: 'per_son' }], ...over,
  });
  expect(asked.status, asked.text).toBe(201);
  const { visit, items } = asked.json<{ visit: { id: string }; items: { id: string }[] }>();
  for (const item of items) await ask('moser', 'POST', `/api/visits/${visit.id}/vet`, { item: item.id, state: 'approved' });
  expect((await ask('moser', 'POST', `/api/visits/${visit.id}/decide`, { agree: true })).status).toBe(200);
  return visit.id;
}

beforeAll(async () => {
  at.hub = await testHub();
  for (const who of ['moser', 'son', 'lan', 'minh', 'keller', 'rivera']) at.cookies[who] = await hub().as(`per_${who}`);
  at.ids['product'] = (await ask('moser', 'POST', '/api/products', { name: 'Kestrel Shield' })).json<{ product: { id: string } }>().product.id;
  for (const version of ['7.0', '7.1']) {
    const release = (await ask('moser', 'POST', `/api/products/${id('product')}/releases`, { version })).json<{ release: { id: string } }>().release.id;
    const artefact = await asHub('source code for the test', () => bringSource(hub().world, {
      actor: { org: 'org_kestrel', person: 'per_moser' }, release, name: 'source', access: 'agreement', tlp: 'AMBER', keepTop: false,
    }, tarOf([{ path: 'shield/a.c', text: 'int a;\n' }])));
    [at.ids['release'], at.ids['source']] = [release, artefact.id];
    at.ids[`declaration ${version}`] = await filed(release, declared(version, [updates]));
    await ask('moser', 'POST', `/api/releases/${release}/publish`, {});
  }
  at.ids['declaration'] = id('declaration 7.1');
  at.ids['visit'] = await newVisit();
}, 120_000);
afterAll(() => at.hub?.close());

describe('a declaration of flows', () => {
  test.each([
    ['no JSON', 'flows: []', 'artefact.no-flows', 422], ['a flow without a purpose', '{"v":1,"product":"a","release":"1","flows":[{"to":["a.example"]}]}',
      'artefact.no-flows', 422],
    ['a destination that is none', declared('7.1', [{ to: ['a b'] }]), 'artefact.no-flows', 422],
    ['another product', declared('7.1', []).replace('Shield', 'Gateway'), 'artefact.flows-elsewhere', 422],
    ['another release', declared('7.0', []), 'artefact.flows-elsewhere', 422],
    ['more than anybody reads', declared('7.1', [{ to: ['a.example'] }]).padEnd(9 * 1_048_576), 'artefact.flows-too-large', 413],
  ])('of %s is refused with its place, and stands nowhere', async (_, text, code, status) => {
    const answer = await file(id('release'), text, undefined, 'bad.json');
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([status, code]);
    if (status === 422) expect(answer.json<{ at: string }>().at).not.toBe('');
    expect((await ask('moser', 'GET', `/api/releases/${id('release')}`)).text).not.toContain('bad.json');
  });
  test('is filed also after its release, read by whom papers are opened to, and by nobody else', async () => {
    const flows = Array.from({ length: 250 }, (_, i) => ({ to: [`h${i}.kestrel.example`] }));
    const many = await filed(id('release'), declared('7.1', flows), undefined, 'many.json');
    const page = (await ask('son', 'GET', `/api/artefacts/${many}/flows?cursor=200`)).json<{ items: { to: string[] }[]; next: number | null; flows: number }>();
    expect([page.items.length, page.items[0]?.to, page.next, page.flows]).toEqual([50, ['h200.kestrel.example'], null, 250]);
    expect((await ask('rivera', 'GET', `/api/artefacts/${many}/flows`)).status).toBe(404);
  });
});

describe('F24: an observed endpoint that is not declared', () => {
  test.each([
    ['pcap', (frames: Buffer[]) => pcapOf(frames)], ['pcapng', pcapngOf], ['packed pcap', (frames: Buffer[]) => gzipSync(pcapOf(frames))],
  ] as const)('ends as a finding (%s)', async (_, write) => {
    const to = '198.51.100.9';
    const capture = write([
      frameOf({ from: device, to: '203.0.113.7', opens: true }), frameOf({ from: device, to: '203.0.113.7', payload: tlsHello('updates.kestrel.example') }),
      frameOf({ from: device, to, fromPort: 41_000, opens: true }), frameOf({ from: device, to, fromPort: 41_000, payload: tlsHello('metrics.other.example') }),
    ]);
    const comparison = await made(capture);
    expect(comparison).toMatchObject({ open: 1, devices: [device], counts: { packets: 4, ways: 2, undeclared: 1, unseen: 0 } });
    const answer = await ask('son', 'POST', `/api/flow-comparisons/${comparison.id}/flaws`, { severity: 'high' });
    expect(answer.status, answer.text).toBe(201);
    const { flaw } = answer.json<{ flaw: { id: string; content: { title: string; text: string; path: string } } }>();
    expect(flaw.content).toMatchObject({ title: 'Not declared: metrics.other.example', path: 'flows.json' });
    for (const said of ['metrics.other.example (198.51.100.9) port 443 tcp: no declared flow goes there', comparison.capture.sha256]) {
      expect(flaw.content.text).toContain(said);
    }
    expect(await shown(comparison.id)).toMatchObject({ comparison: { open: 0 }, undeclared: [{ flaw: flaw.id }],
      flaws: [{ id: flaw.id, state: 'committed' }] });
  });
  test('that is declared after all is told as declared, by another declaration of the release', async () => {
    const wider = await filed(id('release'), declared('7.1', [updates, { to: ['metrics.other.example', 'hidden.example'] },
      { to: ['192.0.2.0/24'], ports: [9000] }, { to: ['updates.kestrel.example'], ports: [8443] }]), undefined, 'wider.json');
    expect((await made(sampleCapture(device))).counts['undeclared']).toBe(4);
    expect(await made(sampleCapture(device), { artefact: wider })).toMatchObject({ counts: { undeclared: 0, ways: 5, unseen: 0 } });
  });
});

describe('a capture', () => {
  test('is not kept: its digest, its size and the outcome are, and a fact that the reviewing side alone may open', async () => {
    const capture = sampleCapture(device);
    const sha256 = createHash('sha256').update(capture).digest('hex');
    const comparison = await made(capture);
    expect(comparison.capture).toEqual({ sha256, bytes: capture.length, brokenOff: false });
    expect(await hub().world.blobs.open(sha256)).toBeNull();
    await hub().composition.sequencer.drain();
    const facts = await asHub('the fact of a comparison', async () => hub().world.db
      .as<{ ledger_openings: { index: string; class: string; subject: string; fact: string }; ledger_readers: { org: string; index: string } }>()
      .selectFrom('ledger_openings as o').innerJoin('ledger_readers as r', 'r.index', 'o.index').select(['o.fact', 'r.org'])
      .where('o.class', '=', 'flow.compared').where('o.subject', '=', comparison.id).execute());
    expect(facts.map((row) => row.org)).toEqual(['org_hub']);
    const { body } = JSON.parse(facts[0]?.fact ?? '{}') as { body: object };
    expect(body).toMatchObject({ capture: sha256, bytes: capture.length, devices: [device], undeclared: 4, ways: 5 });
    expect(body).toHaveProperty('declaration');
  });
  test('that breaks off is read up to there, and says so; of another machine it says that nothing was sent', async () => {
    expect((await made(sampleCapture(device).subarray(0, -3))).capture.brokenOff).toBe(true);
    expect(await made(sampleCapture(device), { device: '10.0.0.99' })).toMatchObject({ open: 0, counts: { ways: 0, undeclared: 0, unseen: 1 } });
  });
  test.each([
    ['nothing', new Uint8Array(), 'capture.unreadable'], ['text', Buffer.from('No packets here.'), 'capture.unreadable'],
    ['a broken packing', gzipSync(sampleCapture(device)).subarray(0, -9), 'capture.unreadable'],
    ['a packet of four gigabytes', Buffer.concat([sampleCapture(device).subarray(0, 24), Buffer.alloc(16, 255)]), 'capture.unreadable'],
  ])('of %s is refused with its place, and leaves nothing', async (_, bytes, code) => {
    const before = await count();
    const line = await compare(bytes);
    expect([line.phase, line.problem?.code, line.problem?.at?.startsWith('byte ')]).toEqual(['failed', code, true]);
    expect(await count()).toBe(before);
  });
  test('larger than the hub takes is refused', async () => {
    const response = await hub().composition.app({ ...demoPosture, uploadMax: 100 }).request(
      `${origin}/api/visits/${id('visit')}/flow-comparisons?${query()}`,
      { method: 'POST', body: new Uint8Array(sampleCapture(device)), headers: { host: 'localhost:8080', origin, cookie: at.cookies['son'] ?? '' } });
    expect(await response.text()).toContain('upload.too-large');
  });
  test('whose sender goes away leaves nothing', async () => {
    const before = await count();
    const bytes = sampleCapture(device);
    const body = new ReadableStream<Uint8Array>({
      start: (to) => to.enqueue(new Uint8Array(bytes.subarray(0, 200))), pull: (to) => to.error(new Error('gone')),
    });
    const response = await hub().composition.app(demoPosture).request(`${origin}/api/visits/${id('visit')}/flow-comparisons?${query()}`, {
      method: 'POST', body, duplex: 'half', headers: { host: 'localhost:8080', origin, cookie: at.cookies['son'] ?? '' },
    } as RequestInit);
    await response.text().catch(() => '');
    expect(await count()).toBe(before);
  });
});

describe('against a declaration', () => {
  const refused = async (over: Record<string, string>, visit = id('visit')): Promise<[number, string]> => {
    const answer = await ask('son', 'POST', `/api/visits/${visit}/flow-comparisons?${query(over)}`, sampleCapture(device));
    return [answer.status, answer.json<{ code: string }>().code];
  };
  test('of another release, of another kind, of nobody, or withdrawn, nothing is compared', async () => {
    expect(await refused({ artefact: id('declaration 7.0') })).toEqual([409, 'flow.other-release']);
    expect(await refused({ artefact: id('source') })).toEqual([409, 'artefact.other-kind']);
    expect(await refused({ artefact: 'art_neverwas' })).toEqual([404, 'artefact.not-found']);
    const gone = await filed(id('release'), declared('7.1', []), undefined, 'gone.json');
    await ask('moser', 'POST', `/api/artefacts/${gone}/withdraw`, { reason: 'An error.' });
    expect(await refused({ artefact: gone })).toEqual([410, 'artefact.withdrawn']);
    expect(await refused({ device: 'the laptop' })).toEqual([400, 'capture.no-address']);
    expect(await refused({ lab: '0.0.0.0/0' })).toEqual([400, 'capture.lab-is-all']);
  });
  test('that is read at the centre alone, nothing is compared from afar', async () => {
    const onSite = await filed(id('release'), declared('7.1', []), 'access=on-site&tlp=AMBER', 'on-site.json');
    expect(await refused({ artefact: onSite })).toEqual([403, 'visit.on-site-only']);
    const there = await newVisit({ mode: 'on-site' });
    expect((await compare(sampleCapture(device), { artefact: onSite }, there)).phase).toBe('done');
  });
});

describe('what a reviewer saw', () => {
  test('the provider does not see, not its rows either, and of a finding its text once it is disclosed', async () => {
    const comparison = await made(sampleCapture(device));
    const { flaw } = (await ask('son', 'POST', `/api/flow-comparisons/${comparison.id}/flaws`, { severity: 'low' })).json<{ flaw: { id: string } }>();
    const rows = (org: string, person: string) => within({ org, person, opened: new Set<string>() }, async () =>
      (await hub().world.db.as<{ centre_comparison: { id: string } }>().selectFrom('centre_comparison').select('id').where('id', '=', comparison.id)
        .execute()).length);
    for (const who of ['moser', 'keller', 'rivera']) {
      const answer = await ask(who, 'GET', `/api/flow-comparisons/${comparison.id}`);
      expect([who, [403, 404].includes(answer.status)]).toEqual([who, true]);
      expect((await ask(who, 'GET', '/api/flaws')).text).not.toContain('hidden.example');
    }
    expect([await rows('org_hub', 'per_son'), await rows('org_kestrel', 'per_moser')]).toEqual([1, 0]);
    expect((await ask('minh', 'GET', `/api/flow-comparisons/${comparison.id}`)).status).toBe(200);
    await ask('son', 'POST', `/api/flaws/${flaw.id}/disclose`, {});
    expect((await ask('moser', 'GET', '/api/flaws')).text).toContain('hidden.example');
    expect(await rows('org_kestrel', 'per_moser')).toBe(0);
  });
  test('goes into one finding each, also where two ask at once', async () => {
    const comparison = await made(sampleCapture(device));
    const path = `/api/flow-comparisons/${comparison.id}/flaws`;
    const both = await Promise.all([ask('son', 'POST', path, { severity: 'low', ways: [0, 1] }), ask('son', 'POST', path, { severity: 'low', ways: [1, 2] })]);
    expect(both.map((a) => a.status).sort()).toEqual([201, 409]);
    expect((await shown(comparison.id)).comparison.open).toBe(2);
    expect((await ask('minh', 'POST', path, { severity: 'low' })).status).toBe(403);
  });
});
