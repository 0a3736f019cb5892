/** Blind look-up: what is looked up is matched against keys that nobody can read, within the agreement, and its owner counts what was found. */
import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { testHub, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); }, 60_000);
afterAll(async () => at.hub?.close());

const keyOf = (secret: string, text: string): string => createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest('hex').slice(0, 32);

interface LookedUp { readonly items: { readonly asked: string; readonly blind: { title: string; owner: string; contact: string }[] }[]; readonly found: number }

test('who may look up is told whose list it stands on, also by a parent; nobody else, and nobody after its end', async () => {
  const [lan, rivera] = [await hub().as('per_lan'), await hub().as('per_rivera')];
  const opened = (await hub().ask('POST', '/api/blind-lists', { agreement: 'agr_kestrel', title: 'Watched', contact: 'Call the desk' }, { cookie: lan }))
    .json<{ list: { id: string }; secret: string }>();
  const keys = [['domain', 'evil.example'], ['ip', '198.51.100.7'], ['ipv4', '198.51.100.7']].map((pair) => keyOf(opened.secret, pair.join('\0')));
  expect((await hub().ask('POST', `/api/blind-lists/${opened.list.id}/keys`, { add: keys }, { cookie: lan })).status).toBe(200);

  const values = ['www.evil[.]example', '198.51.100.7', 'harmless.example'];
  const ask = async (cookie: string) => (await hub().ask('POST', '/api/lookup', { values, all: true }, { cookie })).json<LookedUp>();
  const mine = await ask(lan);
  expect(mine.items.map((i) => i.blind.length)).toEqual([1, 1, 0]);
  expect(mine.items[0]?.blind[0]).toMatchObject({ title: 'Watched', contact: 'Call the desk' });
  expect(mine.found).toBe(2);
  // Meridian has no part in it.
  expect((await ask(rivera)).items.map((i) => i.blind)).toEqual([[], [], []]);

  const hits = (await hub().ask('GET', `/api/blind-lists/${opened.list.id}/hits`, undefined, { cookie: lan }))
    .json<{ items: { key: string; found: number }[] }>();
  expect(hits.items.map((h) => h.found)).toEqual([1, 1]);
  expect(JSON.stringify(hits)).not.toContain('per_');

  await hub().ask('POST', `/api/blind-lists/${opened.list.id}/close`, { reason: 'Over.' }, { cookie: lan });
  expect((await ask(lan)).items.map((i) => i.blind)).toEqual([[], [], []]);
  const again = await hub().ask('POST', `/api/blind-lists/${opened.list.id}/keys`, { add: keys }, { cookie: lan });
  expect([again.status, again.json<{ code: string }>().code]).toEqual([409, 'blindlist.closed']);
});

test('the hub keeps the secret sealed, and no key tells its value', async () => {
  const lan = await hub().as('per_lan');
  const { secret, list } = (await hub().ask('POST', '/api/blind-lists', { agreement: 'agr_kestrel', title: 'Sealed', contact: 'Desk' }, { cookie: lan }))
    .json<{ list: { id: string }; secret: string }>();
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  const { rows } = await asHub('a look at the records', () => sql<{ row: string }>`select to_jsonb(l)::text as row
    from exchange_blindlist l where l.id = ${list.id}`
    .execute(hub().world.db.as<object>()));
  expect(rows[0]?.row).toContain(list.id);
  expect(rows[0]?.row).not.toContain(secret);
});
