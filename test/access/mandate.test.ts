/**
 * GR-01 and SEC-03, SEC-06, generated from the endpoints: without an agreement nothing is allowed towards anybody; a field
 * that an endpoint does not name is refused and changes nothing; no endpoint lets its caller rise.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../../src/app/outline.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import { tableDigests } from '../digest.ts';
import { some } from '../some.ts';
import { testHub, type TestHub } from '../hub.ts';
import { keptForeignIds } from './foreign.ts';
import { askForAll } from './nothing.ts';
import { requestFor } from './sample.ts';
import { someone } from './someone.ts';

const at: { hub?: TestHub } = {};
const foreignIds = keptForeignIds();
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => {
  at.hub = await testHub();
  await insertOrganisation(at.hub.world.db, { id: 'org_alone', name: 'Alone', nameLocal: null, kind: 'company', country: 'VN' }, null);
});
afterAll(() => at.hub?.close());

describe('without an agreement (GR-01)', () => {
  test('every right, of every kind that a template names or an act asks about, towards everybody, is denied', async () => {
    // Each pair with one role in turn here; with every role in the CI tier (test/ci/nothing.test.ts).
    const told = await askForAll(hub(), (pair) => [Role.options[pair % Role.options.length] ?? 'administrator']);
    expect(told.allowed).toEqual([]);
    expect(told.denied).toBe(told.rights * told.kinds);
    expect(told.rights).toBeGreaterThan(Object.keys(roleMatrix).length);
    expect(told.kinds).toBeGreaterThan(8);
  });
  const mandated = outline().filter((o) => o.endpoint.needs.by === 'mandate');
  test.each(some(mandated).map((o) => [o.id, o] as const))('%s is answered to no role', async (id, { endpoint }) => {
    const { owned } = await foreignIds(hub(), endpoint);
    const { url, body } = requestFor(endpoint, owned);
    for (const role of Role.options) {
      const cookie = await someone(hub(), `per_alone${role.replaceAll('-', '')}`, 'org_alone', [role]);
      const answer = await hub().ask(endpoint.method, url, body, { cookie });
      // What one holds oneself may stand in the answer: nothing of anybody else's does.
      if (endpoint.needs.ownToo && answer.status < 300) expect([id, answer.text]).toEqual([id, answer.text.replaceAll(/org_(?!alone)|agr_/g, '')]);
      else expect([id, role, answer.status < 300, answer.text]).toEqual([id, role, false, answer.text]);
    }
  });
});

const writing = outline().filter((o) => o.endpoint.method !== 'GET' && o.endpoint.transport !== 'raw');

async function columns(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select distinct column_name as name from information_schema.columns
    where table_schema = 'public' order by 1`.execute(hub().world.db.as<object>());
  return rows.map((row) => row.name);
}
const traces = ['challenges', 'decisions', 'decision_clock', 'facts_acts'];
/** Everything in the records but the traces that any request leaves, once the log has taken in what was stated before. */
async function digest(): Promise<string[]> {
  await hub().composition.sequencer.drain();
  return tableDigests(hub().world.db, (name) => traces.includes(name));
}

describe('a field that an endpoint does not name is refused (SEC-03)', () => {
  const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, c: string) => c.toUpperCase());
  test.each(some(writing).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const { body } = requestFor(endpoint);
    const own = new Set(Object.keys((endpoint.input as { shape?: object }).shape ?? {}));
    const tried = [...new Set((await columns()).flatMap((name) => [name, camel(name)]))].filter((name) => !own.has(name));
    expect(tried.length).toBeGreaterThan(80);
    // By the schema, name by name; then by the door, one and all together, with nothing changed.
    const taken = tried.filter((name) => endpoint.input.safeParse({ ...(body as object), [name]: 'x' }).success);
    expect([id, taken]).toEqual([id, []]);
    const cookie = await someone(hub(), 'per_columns', 'org_hub', Role.options);
    const { owned } = await foreignIds(hub(), endpoint);
    const { url, body: given } = requestFor(endpoint, owned);
    const before = await digest();
    const inQuery = endpoint.method === 'DELETE';
    for (const extra of [Object.fromEntries(tried.map((n) => [n, 'x'])), { roles: undefined, organisation_: 1, id_: 1, [tried[0] ?? 'id']: null }]) {
      const query = new URLSearchParams(Object.entries(extra).filter(([, v]) => v !== undefined).map(([k, v]): [string, string] => [k, String(v)]));
      const sent = inQuery ? undefined : { ...(given as object), ...extra };
      const answer = await hub().ask(endpoint.method, inQuery ? `${url}?${query}` : url, sent, { cookie });
      expect([id, answer.status]).toEqual([id, 400]);
    }
    expect(await digest()).toEqual(before);
  });
});

describe('nobody rises by their own hand (SEC-06)', () => {
  test.each(some(writing).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    if (['session.end', 'sessions.revoke'].includes(id)) return;
    for (const role of ['administrator', 'engineer'] as const) {
      const person = `per_rise${role}`;
      const cookie = await someone(hub(), person, 'org_hub', [role]);
      const paths: Record<string, string>[] = [{ person }, (await foreignIds(hub(), endpoint)).owned];
      for (const path of paths) {
        const { url, body } = requestFor(endpoint, { ...path, person });
        const bodies: Record<string, unknown>[] = [
          { ...(body as object), roles: [...Role.options] }, { ...(body as object), person, roles: ['principal', 'administrator', 'auditor'] },
          { ...(body as object), organisation: 'org_hub' },
        ];
        for (const sent of bodies) await hub().ask(endpoint.method, url, endpoint.method === 'DELETE' ? undefined : sent, { cookie });
      }
      const { rows: [row] } = await sql<{ roles: string[]; organisation: string }>`select roles, organisation from people where id = ${person}`
        .execute(hub().world.db.as<object>());
      expect([id, row]).toEqual([id, { roles: [role], organisation: 'org_hub' }]);
    }
  });
});
