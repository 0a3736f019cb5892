/**
 * Blocking lists over a whole hub, what a story cannot say: answers to who has the bytes already, the guards' tables held
 * against the rule told the slow way, and nobody served what is not theirs or has ended.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub, within } from '#world/db/scope';
import { draws } from '../../src/modules/agreements/decide/testing.ts';
import { keyOf, relationOf, valueOfKey } from '../../src/modules/constituents/rules/blocking.ts';
import { guardHits } from '../../src/modules/constituents/store/guards.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string; hung: string } = { lan: '', hung: '' };
const hub = (): TestHub => at.hub as TestHub;

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await at.hub.as('per_lan');
  at.hung = await at.hub.as('per_hung');
});
afterAll(() => at.hub?.close());

const post = (path: string, body: unknown): Promise<Answer> => hub().ask('POST', path, body, { cookie: at.lan });
const fetching = (list: string, cookie: string, headers: Record<string, string> = {}, form = 'plain'): Promise<Answer> =>
  hub().ask('GET', `/api/blocking-lists/${list}/edition?format=${form}`, undefined, { cookie, headers });
const daysOn = (days: number): string => new Date(hub().world.clock.now() + days * 86_400_000).toISOString();

async function begin(name: string, more: object = {}): Promise<string> {
  const made = await post('/api/blocking-lists', { name, title: name, purpose: 'dns', ...more });
  expect([made.status, made.text]).toEqual([201, made.text]);
  return made.json<{ list: { id: string } }>().list.id;
}
async function add(list: string, lines: string, expiresAt = daysOn(30)): Promise<{ added: number; edition: { number: number } }> {
  const said = { ground: 'Law', reason: 'for the test', source: 'test' };
  const answer = await post(`/api/blocking-lists/${list}/entries`, { lines, expiresAt, ...said });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json();
}

describe('who has the bytes already', () => {
  test('hears so without them, in each form, until they change', async () => {
    const list = await begin('conditional');
    await add(list, 'one.blocked.example');
    for (const form of ['plain', 'rpz', 'hosts', 'json']) {
      const whole = await fetching(list, at.hung, {}, form);
      const etag = whole.headers.get('etag') ?? '';
      expect([form, whole.status, etag]).toEqual([form, 200, expect.stringMatching(/^"[0-9a-f]{64}"$/)]);
      expect(await sha256(whole.text)).toBe(etag.slice(1, -1));
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const answer = await fetching(list, at.hung, { 'if-none-match': tag }, form);
        expect([form, tag, answer.status, answer.text, answer.headers.get('etag')]).toEqual([form, tag, 304, '', etag]);
      }
      expect((await fetching(list, at.hung, { 'if-none-match': '"other"' }, form)).status).toBe(200);
    }
    const before = (await fetching(list, at.hung)).headers.get('etag') ?? '';
    await add(list, 'two.blocked.example');
    expect((await fetching(list, at.hung, { 'if-none-match': before })).status).toBe(200);
  });
  test('may keep them for a minute, and never past the end of an entry', async () => {
    const list = await begin('kept');
    await add(list, 'soon.blocked.example', new Date(hub().world.clock.now() + 20_500).toISOString());
    expect((await fetching(list, at.hung)).headers.get('cache-control')).toBe('private, max-age=20');
    await add(list, 'later.blocked.example');
    hub().world.clock.advance(20_500);
    const after = await fetching(list, at.hung);
    expect([after.text, after.headers.get('cache-control')]).toEqual(['later.blocked.example\n', 'private, max-age=60']);
  });
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

describe('who may read', () => {
  test('a list of the own organisation alone, and one for others, are lists that never were', async () => {
    const [own, others, ours] = [
      await begin('own-alone', { readers: 'own' }), await begin('for-others', { readers: 'chosen', constituents: ['con_minrecords'] }),
      await begin('for-them', { readers: 'chosen', constituents: ['con_mintransit'] }),
    ];
    const never = await fetching('bll_neverwas', at.hung);
    for (const list of [own, others]) {
      const answer = await fetching(list, at.hung);
      expect([answer.status, answer.text]).toEqual([404, never.text]);
    }
    expect((await fetching(ours, at.hung)).status).toBe(200);
    expect((await fetching(own, at.lan)).status).toBe(200);
    const listed = (await hub().ask('GET', '/api/my/blocking-lists', undefined, { cookie: at.hung })).text;
    expect([own, others, ours].map((list) => listed.includes(list))).toEqual([false, false, true]);
  });
});

describe('the guards', () => {
  const d = draws(7);
  const label = (): string => d.pick(['a', 'b', 'c', 'x-y', '_z']);
  const name = (): string => [...Array.from({ length: 1 + d.int(3) }, label), d.pick(['one.example', 'two.example'])].join('.');
  const address = (): string => `93.${d.pick([0, 1])}.${d.pick([0, 1, 2])}.${d.pick([0, 128, 255])}`;
  const prefix = (): string => d.pick([
    '93.0.0.0/16', '93.1.0.0/17', '93.1.2.0/24', '93.0.1.128/25', '2a00:1::/32', '2a00:1:2::/48', '2a00:1::7',
  ]);
  const thing = (): string => (d.chance(0.5) ? name() : d.chance(0.5) ? address() : prefix());

  test('find in their tables what touches a thing, as the rule says it', async () => {
    const lists = { 'popular-domain': new Set<string>(), 'clean-file-host': new Set<string>(), 'label-holder': new Set<string>() };
    for (const [kind, names] of Object.entries(lists)) {
      while (names.size < 40) names.add(thing());
      const made = await post(`/api/blocking-guards?kind=${kind}`, [...names].join('\n'));
      expect([kind, made.status, made.text]).toEqual([kind, 201, made.text]);
      const { guard } = made.json<{ guard: { id: string; sha256: string; names: number } }>();
      const adopted = await post(`/api/blocking-guards/${guard.id}/adopt`, { sha256: guard.sha256 });
      expect([kind, adopted.status, adopted.text]).toEqual([kind, 200, adopted.text]);
    }
    const asked = [...new Set(Array.from({ length: 300 }, thing).map(keyOf))];
    const hits = await asHub('test', () => guardHits(hub().world.db, 'org_hub', asked));
    const found = new Set(hits.map((h) => `${h.of} ${h.how} ${h.kind} ${h.key}`));
    const touched = { covers: 0, others: 0 };
    for (const key of asked) {
      for (const [kind, names] of Object.entries(lists)) {
        const all = [...new Set([...names].map(keyOf))].map((other) => [relationOf(key, other), other] as const)
          .filter(([how]) => how !== null);
        for (const [how, other] of all.filter(([h]) => h !== 'over')) {
          touched.others += 1;
          expect(found.has(`${key} ${how} ${kind} ${other}`), `${key} ${how} ${kind} ${other}`).toBe(true);
        }
        // Of what a thing covers the first few are named.
        const covered = all.filter(([how]) => how === 'over').map(([, other]) => other).sort().slice(0, 10);
        touched.covers += covered.length;
        expect(hits.filter((h) => h.of === key && h.kind === kind && h.how === 'over').map((h) => h.key).sort()).toEqual(covered);
      }
    }
    expect(Math.min(touched.covers, touched.others)).toBeGreaterThan(50);
    expect(hits.length).toBe(touched.covers + touched.others);
  });

  test('are asked by their index, also as a party, however many names they hold', async () => {
    // A table this small is read whole unless that is forbidden; what counts is that row security lets the index be used.
    const party = { org: 'org_hub', person: 'per_lan', opened: new Set<string>() };
    const plan = await within(party, () => hub().world.db.transaction(async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx.as<object>());
      const { rows } = await sql<{ 'QUERY PLAN': string }>`explain (costs off) select g.key from blocking_guard g
        where g.guard = 'x' and g.key > 'com.example.' and g.key < 'com.example/' order by g.key limit 10`.execute(tx.as<object>());
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    }));
    expect(plan).toMatch(/Index Cond: .*guard = 'x'.*key > 'com\.example\.'.*key < 'com\.example\/'/);
  });

  test('a new guard list marks what stands on the lists already, and takes nothing off', async () => {
    const list = await begin('marked');
    await add(list, 'later-holder.example');
    const { rows } = await asHub('test', () => sql<{ key: string }>`select g.key from blocking_guard g
      join blocking_guard_list l on l.id = g.guard where l.kind = 'label-holder' and l.state = 'adopted'`
      .execute(hub().world.db.as<object>()));
    const more = [...rows.map((r) => valueOfKey(r.key)), 'later-holder.example'].join('\n');
    const made = (await post('/api/blocking-guards?kind=label-holder', more)).json<{ guard: { id: string; sha256: string } }>().guard;
    const adopted = await post(`/api/blocking-guards/${made.id}/adopt`, { sha256: made.sha256 });
    expect(adopted.json<{ lacks: number; colliding: number }>()).toMatchObject({ lacks: 0, colliding: expect.any(Number) });
    const { list: shown } = (await hub().ask('GET', `/api/blocking-lists/${list}`, undefined, { cookie: at.lan }))
      .json<{ list: { active: number; colliding: number } }>();
    expect([shown.active, shown.colliding]).toEqual([1, 1]);
    expect((await fetching(list, at.hung)).text).toBe('later-holder.example\n');
  });

  test('what was replaced goes from the tables in a later round', async () => {
    const dropped = (): Promise<number> => asHub('test', async () => {
      const { rows } = await sql<{ n: string }>`select count(*) as n from blocking_guard g join blocking_guard_list l on l.id = g.guard
        where l.state = 'dropped'`.execute(hub().world.db.as<object>());
      return Number(rows[0]?.n);
    });
    expect(await dropped()).toBeGreaterThan(0);
    await asHub('test', () => hub().composition.blocking());
    expect(await dropped()).toBe(0);
  });
});

test('ten thousand lines are judged and added at once', async () => {
  const list = await begin('many');
  const lines = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? `n${i}.many.example` : `93.77.${i >> 8}.${i & 255}`));
  expect((await add(list, lines.join('\n'))).added).toBe(10_000);
  expect((await fetching(list, at.hung)).text.split('\n').length).toBe(10_001);
});
