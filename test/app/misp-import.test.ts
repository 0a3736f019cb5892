/** Files of MISP by the same import as STIX: recognised by their content, kept as objects of STIX, with what is lost told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null, lan: '', keller: '' };
const hub = (): TestHub => at.hub as TestHub;
interface Done { phase: string; report: { counts: Record<string, number>; lines: { text: string }[] };
  misp?: { events: number; losses: { path: string; what: string; why: string }[] }; problem?: { code: string } }

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await hub().as('per_lan');
  at.keller = await hub().as('per_keller');
}, 60_000);
afterAll(async () => {
  expect(hub().trace.lines.filter((l) => l.level === 'error')).toEqual([]);
  await at.hub?.close();
});

async function take(body: unknown, query = 'source=own'): Promise<Done> {
  const answer = await hub().ask('POST', `/api/threats/imports?${query}`, typeof body === 'string' ? body : JSON.stringify(body), { cookie: at.lan });
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text.trim().split('\n').at(-1) ?? '{}') as Done;
}
const uuid = (n: number): string => `5f6e7d8c-1234-4abc-8def-${String(n).padStart(12, '0')}`;
const made = (n: number, more: object = {}): object => ({
  uuid: uuid(n), info: `Wave ${n}`, date: '2026-01-31', timestamp: '1767225600', distribution: '1', published: true,
  Orgc: { uuid: uuid(999), name: 'CERT' }, Tag: [{ name: 'tlp:green' }],
  Attribute: [
    { uuid: uuid(n + 1), type: 'ip-dst', category: 'Network activity', value: `198.51.100.${n % 250}`, to_ids: true, timestamp: '1767225600' },
    { uuid: uuid(n + 2), type: 'domain', category: 'Network activity', value: `m${n}.example`, to_ids: false, timestamp: '1767225600' },
  ], ...more,
});
const seen = async (id: string, cookie = at.lan): Promise<string> => {
  const answer = await hub().ask('GET', `/api/threats/${id}`, undefined, { cookie });
  return answer.status === 200 ? answer.json<{ object: { tlp: string } }>().object.tlp : String(answer.status);
};

test('an event, a list and an answer of the API are taken in as STIX; again they are duplicates', async () => {
  const first = await take({ Event: made(100) });
  expect(first.misp).toEqual({ events: 1, losses: [], more: false });
  expect(first.report.counts).toMatchObject({ accepted: 5, refused: 0, quarantined: 0 });
  expect(await seen(`report--${uuid(100)}`)).toBe('GREEN');
  expect(await seen(`indicator--${uuid(101)}`)).toBe('GREEN');
  expect((await take({ Event: made(100) })).report.counts).toMatchObject({ accepted: 0, duplicate: 5 });
  expect((await take([made(110), { Event: made(120) }])).misp?.events).toBe(2);
  expect((await take({ response: [{ Event: made(130) }] })).misp?.events).toBe(1);
  expect((await hub().ask('POST', '/api/lookup', { values: ['198.51.100.100'] }, { cookie: at.lan })).text).toContain(`indicator--${uuid(101)}`);
});

test('a look first takes nothing in, and says what would be lost, with its place', async () => {
  const looked = await take(made(200, { ShadowAttribute: [{ value: 'x' }], date: 'yesterday' }), 'source=own&dry=yes');
  expect(looked.misp?.losses.map((l) => l.path)).toEqual(['/date', '/ShadowAttribute']);
  expect(looked.report.counts['accepted']).toBeGreaterThan(3);
  expect(await seen(`report--${uuid(200)}`)).toBe('404');
});

test('what MISP distributes to one’s own organisation goes no further, whatever its label', async () => {
  await hub().ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'AMBER', title: 'All' }, { cookie: at.lan });
  await take(made(300, { distribution: '0' }));
  await take(made(310));
  expect([await seen(`report--${uuid(300)}`), await seen(`report--${uuid(300)}`, at.keller)]).toEqual(['AMBER+STRICT', '404']);
  expect([await seen(`indicator--${uuid(311)}`), await seen(`indicator--${uuid(311)}`, at.keller)]).toEqual(['GREEN', 'GREEN']);
  await take(made(310, { uuid: uuid(320), Attribute: [{ uuid: uuid(321), type: 'ip-dst', value: '203.0.113.1', to_ids: true, distribution: '4' }] }));
  expect([await seen(`report--${uuid(320)}`, at.keller), await seen(`indicator--${uuid(321)}`, at.keller)]).toEqual(['GREEN', '404']);
});

test('a narrower event does not take an observable from a wider one', async () => {
  await take(made(400));
  await take(made(410, { Tag: [{ name: 'tlp:amber+strict' }], Attribute: [{ uuid: uuid(411), type: 'domain', value: 'm400.example' }] }));
  const answer = await hub().ask('POST', '/api/lookup', { values: ['m400.example'] }, { cookie: at.keller });
  expect(answer.json<{ items: { hits: { type: string }[] }[] }>().items[0]?.hits.map((h) => h.type)).toEqual(['domain-name']);
});

test('what is broken is told, and takes nothing in', async () => {
  expect((await take('{"Event": {"info": ')).problem?.code).toBe('input.not-json');
  expect((await take({ Event: 7 })).misp).toMatchObject({ events: 0, losses: [{ path: '/Event' }] });
  const odd = [{ type: 'domain', value: '__proto__' }, null, 7, { type: {}, value: [] }];
  const hostile = await take({ Event: { ...made(500), info: '\u0000\ud800', Attribute: odd } });
  expect(hostile.misp?.losses.length).toBeGreaterThan(3);
  expect(await take(`{"Event":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toMatchObject({ misp: { events: 0 } });
});
