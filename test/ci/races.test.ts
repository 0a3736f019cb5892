/**
 * Two requests at the same moment, on PostgreSQL, where transactions really run side by side: what may happen once happens
 * once, the other hears a refusal and not a fault, and no rule that counts (one holder, one administrator) is outrun.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../src/app/compose.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => {
  const server = await startPostgres();
  at.server = server;
  at.hub = await testHub({ records: () => server.open('races', migrations) });
});
afterAll(async () => {
  await at.hub?.close();
  await at.server?.stop();
});

const rounds = [1, 2, 3, 4, 5];
const send = (cookie: string, path: string, body: object): Promise<Answer> => hub().ask('POST', path, body, { cookie });
const both = (ask: (i: number) => Promise<Answer>): Promise<Answer[]> => Promise.all([0, 1].map(ask));
/** Exactly one yes; the other is a refusal with a code. */
function oneOf(answers: readonly Answer[]): void {
  const said = answers.map((a) => a.status).sort();
  expect(said[0], JSON.stringify(answers.map((a) => a.text))).toBeLessThan(300);
  expect(said[1], JSON.stringify(answers.map((a) => a.text))).toBeGreaterThanOrEqual(400);
  expect(said[1], JSON.stringify(answers.map((a) => a.text))).toBeLessThan(500);
}

test.each(rounds)('two add the same prefix at once: one holds it (round %i)', async (round) => {
  const lan = await hub().as('per_lan');
  const asset = { kind: 'prefix', value: `198.18.${round}.0/24`, from: '2026-01-01' };
  oneOf(await both((i) => send(lan, `/api/constituents/${['con_mintransit', 'con_lotus'][i]}/assets`, asset)));
});

test.each(rounds)('two import the same file at once: its rows are there once (round %i)', async (round) => {
  const lan = await hub().as('per_lan');
  const csv = `name,kind,asset,value,from\nRacing Works ${round},company,prefix,198.19.${round}.0/24,2026-01-01\n`;
  const answers = await both(() => send(lan, '/api/constituents/import', { csv }));
  for (const answer of answers) expect(answer.status, answer.text).toBeLessThan(500);
  const found = await hub().ask('GET', `/api/constituents?q=${encodeURIComponent(`Racing Works ${round}`)}`, undefined, { cookie: lan });
  expect(found.json<{ items: { assetsNow: number }[] }>().items.map((c) => c.assetsNow)).toEqual([1]);
});

test.each(rounds)('two sign, and one signs twice, at once: two signatures, each with its fact (round %i)', async () => {
  const [minh, keller] = [await hub().as('per_minh'), await hub().as('per_keller')];
  const draft = (await send(minh, '/api/agreements', {
    template: 'mou', counterpart: 'org_kestrel', parts: ['capacity'], products: [], effectiveOn: '2026-06-01', expiresOn: '2027-06-01', zone: 'UTC',
  })).json<{ id: string; documentSha256: string }>();
  const sign = (cookie: string) => send(cookie, `/api/agreements/${draft.id}/sign`, { documentSha256: draft.documentSha256 });
  const answers = await Promise.all([sign(minh), sign(minh), sign(keller)]);
  for (const answer of answers) expect(answer.status, answer.text).toBeLessThan(500);
  // Whoever was told that it changed meanwhile looks again and signs, as the refusal says.
  for (const cookie of [minh, keller]) await sign(cookie);
  const seen = (await hub().ask('GET', `/api/agreements/${draft.id}`, undefined, { cookie: minh })).json<{ standing: string; signatures: object[] }>();
  expect([seen.standing, seen.signatures.length]).toEqual(['in-force', 2]);
  await hub().composition.sequencer.drain();
  const { facts } = (await hub().ask('GET', `/api/facts?class=agreement.signed&subject=${draft.id}`, undefined, { cookie: minh }))
    .json<{ facts: object[] }>();
  expect(facts).toHaveLength(2);
});

test.each(rounds)('two feeds of one name at once: one is made (round %i)', async (round) => {
  const lan = await hub().as('per_lan');
  oneOf(await both(() => send(lan, '/api/feeds', { name: `racing-${round}`, title: 'Racing', shape: 'ndjson' })));
});

test.each(rounds)('two batches with the same rows at once into one feed: each row is stored once (round %i)', async (round) => {
  const lan = await hub().as('per_lan');
  const { feed } = (await send(lan, '/api/feeds', { name: `rows-${round}`, title: 'Rows', shape: 'ndjson' })).json<{ feed: { id: string } }>();
  const rows = Array.from({ length: 500 }, (_, i) => `{"time":"2026-06-12T01:00:00Z","type":"attack","ip":"203.0.113.${i % 250}","seq":${i}}\n`).join('');
  const answers = await both((i) => hub().ask('POST', `/api/feeds/${feed.id}/batches?file=${i}.ndjson`, rows, { cookie: lan }));
  const counts = answers.map((a) => (JSON.parse(a.text.trim().split('\n').at(-1) ?? '') as { batch: { counts: { stored: number } } }).batch.counts.stored);
  expect(counts.sort((x, y) => x - y)).toEqual([0, 500]);
});

test('two administrators suspend each other at once: one of them stays', async () => {
  const thao = await hub().as('per_thao');
  const second = await hub().enter({ id: 'per_second', organisation: 'org_hub', roles: ['administrator'] });
  const answers = await both((i) => send(i ? second : thao, `/api/people/${i ? 'per_thao' : 'per_second'}/suspend`, {}));
  for (const answer of answers) expect(answer.status, answer.text).toBeLessThan(500);
  const minh = await hub().as('per_minh');
  const { people } = (await hub().ask('GET', '/api/people', undefined, { cookie: minh })).json<{ people: { roles: string[]; status: string }[] }>();
  expect(people.filter((p) => p.status === 'active' && p.roles.includes('administrator'))).toHaveLength(1);
});
