/**
 * SEC-15: the database alone denies. The catalogue says that each table is guarded or why not; and a hub whose own checks
 * are switched off, that takes a stranger for whoever owns what it asks for and holds every role there is, still shows
 * and changes nothing: row-level security knows who really asks.
 */
import { sql } from 'kysely';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '#kit/endpoint';
import { pathParameters } from '#kit/endpoint';
import { asHub, hubItself, within, type Party, type Scope } from '#world/db/scope';
import { router } from '../../src/app/http/router.ts';
import { outline } from '../../src/app/outline.ts';
import { firstLockOnly, rowRules } from '../../src/app/rows.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { tableDigests } from '../digest.ts';
import { some } from '../some.ts';
import { demoPosture, origin, testHub, type TestHub } from '../hub.ts';
import { keptForeignIds } from './foreign.ts';
import { requestFor } from './sample.ts';
import { someone } from './someone.ts';

const at: { hub?: TestHub } = {};
const foreignIds = keptForeignIds();
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

const rows = async <T>(text: string): Promise<T[]> => (await sql.raw(text).execute(hub().world.db.as<object>())).rows as T[];
const tables = async (): Promise<string[]> =>
  (await rows<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' order by 1`)).map((r) => r.name);

describe('the catalogue', () => {
  test('every table has its rule, or its reason for none, in src/app/rows.ts', async () => {
    expect(await tables()).toEqual(Object.keys(rowRules).sort());
  });
  test('every rule is in force: row security on, a policy for each act, and none that was forgotten', async () => {
    const guarded = Object.entries(rowRules).filter(([, rule]) => !('open' in rule)).map(([table]) => table).sort();
    const found = await rows<{ name: string; on: boolean; policies: string }>(`select c.relname as name, c.relrowsecurity as "on",
      (select count(*) from pg_policies p where p.tablename = c.relname) as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' order by 1`);
    expect(found.filter((t) => t.on).map((t) => t.name)).toEqual(guarded);
    expect(found.filter((t) => t.on && t.policies !== '4')).toEqual([]);
  });
  test('the role of parties owns nothing, bypasses nothing and cannot sign in', async () => {
    expect(await rows(`select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole,
      (select count(*) from pg_tables where tableowner = 'entente_party') as owns from pg_roles where rolname = 'entente_party'`))
      .toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false, owns: '0' }]);
  });
});

const stranger: Party = { org: 'org_kestrel', person: 'per_stranger', opened: new Set() };

test('what only the first lock protects is a short list of acts that there are', () => {
  const ids = new Set(outline().map((o) => o.id));
  expect(Object.keys(firstLockOnly).filter((id) => !ids.has(id))).toEqual([]);
  expect(Object.keys(firstLockOnly).length).toBeLessThan(outline().length / 8);
});

describe('a party that asks the database itself', () => {
  /** Text of every row that it sees of a table. */
  const seen = (table: string, party: Party): Promise<string> => within(party, async () =>
    (await rows<{ row: string }>(`select t::text as row from ${table} t`)).map((r) => r.row).join('\n'));

  test('sees no row that names only others', async () => {
    await foreignIds(hub(), outline().find((o) => o.id === 'landscape.ingest')?.endpoint as never);
    await asHub('test', () => hub().composition.sequencer.drain());
    const hidden = ['people', 'sessions', 'landscape_feed', 'landscape_batch', 'constituent', 'constituent_asset'];
    for (const table of hidden) {
      const all = await rows<{ n: string }>(`select count(*) as n from ${table}`);
      expect([table, Number(all[0]?.n) > 0]).toEqual([table, true]);
      expect([table, await seen(table, { ...stranger, org: 'org_nobody', person: 'per_nobody' })]).toEqual([table, '']);
    }
    // Kestrel has an agreement with the centre: it sees that one, the centre, and its own people.
    expect(await seen('agreements', stranger)).not.toContain('agr_meridian');
    expect(await seen('agreements', stranger)).toContain('agr_kestrel');
    expect(await seen('people', stranger)).not.toMatch(/org_hub|org_meridian/);
    // Whoever publishes who may join is known to all by that, as Meridian is; a ministry is not.
    expect(await seen('organisations', stranger)).not.toContain('org_minrecords');
    expect(await seen('ledger_openings', stranger)).not.toContain('agr_meridian');
    expect(await seen('ledger_openings', { ...stranger, org: 'org_nobody' })).toBe('');
  });
  test('writes no row of others, and cannot take another part by itself with bound values', async () => {
    await expect(within(stranger, () => rows(`insert into facts_outbox (class, at, fact)
      values ('x.y', now(), '{"org":"org_hub"}')`))).rejects.toThrow(/row-level security/);
    await expect(within(stranger, () => rows(`update ledger_head set size = 0`))).resolves.toEqual([]);
    expect(Number((await rows<{ size: string }>('select size from ledger_head'))[0]?.size)).toBeGreaterThan(0);
    await within(stranger, () => rows(`update people set roles = '{administrator}' where organisation = 'org_hub'`));
    expect(await rows(`select id from people where organisation = 'org_hub' and roles = '{administrator}' and id <> 'per_thao'`)).toEqual([]);
    await expect(within(stranger, () => rows('create table mine (x int)'))).rejects.toThrow();
  });
  test('what the hub asks on nobody’s behalf is refused where it must say so', async () => {
    const { openPgliteHere } = await import('#world/db/pglite');
    const { mkdtemp, rm } = await import('node:fs/promises');
    const folder = await mkdtemp('/tmp/entente-strict-');
    const db = await openPgliteHere(`${folder}/pg`, true);
    await db.migrate([]);
    await expect(sql`select 1`.execute(db.as<object>())).rejects.toThrow('on nobody’s behalf');
    expect((await asHub('test', () => sql<{ one: number }>`select 1 as one`.execute(db.as<object>()))).rows).toEqual([{ one: 1 }]);
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
});

/** The whole of the records, but what a look of one's own leaves: when a session was last seen. */
const digest = (): Promise<string[]> =>
  tableDigests(hub().world.db, (table) => ['sessions', 'challenges', 'facts_acts'].includes(table));

describe('with the hub’s own checks switched off', () => {
  const addressed = outline().filter((o) =>
    pathParameters(o.endpoint.path).length > 0 && o.endpoint.needs.by !== 'public' && firstLockOnly[o.id] === undefined);
  /** A router that takes whoever asks for a person of `as`, holding all roles, while the records know the stranger. */
  const disguised = (
    as: { org: string; person: string },
    scopeOf: () => Scope = () => ({ org: stranger.org, person: stranger.person, opened: new Set<string>() }),
  ): Hono<never> => {
    const actor: Actor = {
      ...as, roles: [...Role.options], via: 'session', credential: 'ses_disguised', touchedAt: hub().world.clock.iso(),
    } as Actor;
    const { world, composition } = hub();
    const nobody = async (): Promise<null> => null;
    return router({
      ...world, posture: demoPosture, leases: composition.leases, afterFacts: () => undefined,
      credentials: { bySession: async () => actor, byToken: nobody, byTicket: nobody, again: async () => actor },
      mandate: async () => ({ grantIds: [], clauses: [] }),
      watch: { emergencyRights: async () => [], stateEmergencyUse: async () => undefined, stateMonitorLook: async () => undefined },
      approvals: { refuse: async () => undefined, use: async () => undefined } as never,
      scopeOf,
    }, composition.operations) as never;
  };
  test.each(some(addressed).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    await someone(hub(), 'per_stranger', 'org_kestrel', Role.options);
    const { owned } = await foreignIds(hub(), endpoint);
    await asHub('test', () => hub().composition.sequencer.drain());
    const before = await digest();
    for (const as of [{ org: 'org_hub', person: 'per_lan' }, { org: 'org_meridian', person: 'per_rivera' }]) {
      const { url, body } = requestFor(endpoint, owned);
      const response = await disguised(as).request(`${origin}${url}`, {
        method: endpoint.method, headers: { host: 'localhost:8080', origin, cookie: 'entente-demo=x', 'content-type': 'application/json' },
        ...(endpoint.method === 'GET' || endpoint.method === 'DELETE' ? {} : { body: JSON.stringify(body ?? {}) }),
      });
      const text = await response.text();
      expect([id, as.org, response.ok, text], text).toEqual([id, as.org, false, text]);
    }
    expect(await digest()).toEqual(before);
  });

  test('they are switched off: without row-level security the same questions are answered', async () => {
    const answered: string[] = [];
    for (const { id, endpoint } of addressed.filter((o) => o.endpoint.method === 'GET')) {
      const { owned } = await foreignIds(hub(), endpoint);
      const { url } = requestFor(endpoint, owned);
      for (const as of [{ org: 'org_hub', person: 'per_lan' }, { org: 'org_meridian', person: 'per_rivera' }]) {
        const response = await disguised(as, () => hubItself).request(`${origin}${url}`, { headers: { host: 'localhost:8080', cookie: 'entente-demo=x' } });
        await response.text();
        if (response.ok) answered.push(id);
      }
    }
    expect([...new Set(answered)]).toEqual(expect.arrayContaining([
      'agreements.view', 'agreements.matrix', 'constituents.view', 'landscape.viewFeed', 'landscape.viewBatch', 'landscape.quarantine',
    ]));
  });
});
