/**
 * GR-05: for every asker a list of rows is the filter of all rows by the decision; so are its count, its pages, its search, its
 * facets and its export. Rows, agreements and askers are drawn from a seed, and the same runs on both engines.
 */
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Db, Migration } from '#world/db/port';
import { compilePolicy, type Policy } from '../../src/modules/agreements/decide/policy.ts';
import type { Request } from '../../src/modules/agreements/decide/request.ts';
import { allowedRows, type RowColumns } from '../../src/modules/agreements/decide/rows.ts';
import { draws, drawRequest, drawSources, pool, type Draws } from '../../src/modules/agreements/decide/testing.ts';
import { decide } from '../../src/modules/agreements/decide/weigh.ts';
import { TlpLabel } from '../../src/modules/agreements/terms.ts';

interface Row {
  id: number;
  owner: string;
  kind: string;
  products: string[] | null;
  tlp: string | null;
  level: number | null;
  orgs: string[] | null;
  persons: string[] | null;
  attributes: Record<string, string | number | boolean | string[]> | null;
}
interface Tables { asked_rows: Row }

export const rowsMigration: Migration = {
  name: 'test/asked-rows',
  sql: `create table asked_rows (id integer primary key, owner text not null, kind text not null, products jsonb, tlp text, level integer,
    orgs jsonb, persons jsonb, attributes jsonb)`,
};

function drawRow(d: Draws, id: number): Row {
  const sometimes = <T>(p: number, value: () => T): T | null => (d.chance(p) ? value() : null);
  return {
    id, owner: d.pick(pool.orgs), kind: d.pick(pool.kinds),
    products: sometimes(0.8, () => (d.chance(0.2) ? [] : d.some(pool.products, 0.4))),
    tlp: sometimes(0.9, () => d.pick([...TlpLabel.options, 'WHITE'])), level: sometimes(0.9, () => d.int(6)),
    orgs: sometimes(0.15, () => (d.chance(0.2) ? [] : d.some(pool.orgs, 0.5))), persons: sometimes(0.15, () => d.some(pool.persons, 0.5)),
    attributes: sometimes(0.9, () => ({
      ...(d.chance(0.8) ? { live: d.chance(0.9) ? d.chance(0.5) : 'true' } : {}), ...(d.chance(0.8) ? { size: d.chance(0.9) ? d.int(100) : '7' } : {}),
      ...(d.chance(0.8) ? { region: d.pick(['north', 'south']) } : {}),
    })),
  };
}

const columns: RowColumns = {
  owner: sql.ref('owner'), kind: sql.ref('kind'), products: sql.ref('products'), tlp: sql.ref('tlp'), level: sql.ref('level'),
  audienceOrgs: sql.ref('orgs'), audiencePersons: sql.ref('persons'), attributes: sql.ref('attributes'),
};

function allowed(policy: Policy, request: Omit<Request, 'resource'>, row: Row): boolean {
  const audience = { ...(row.orgs ? { orgs: row.orgs } : {}), ...(row.persons ? { persons: row.persons } : {}) };
  return decide(policy, { ...request, resource: {
    owner: row.owner, kind: row.kind, products: row.products ?? [], tlp: row.tlp, level: row.level, audience,
    ...(row.attributes ? { attributes: row.attributes } : {}),
  } }).outcome === 'allow';
}

/** Compares for `askers` askers, each with agreements of its own, and answers how many rows were seen in all. */
export async function compareLists(db: Db, seed: number, { rows: count, askers }: { rows: number; askers: number }): Promise<number> {
  const d = draws(seed);
  const rows = Array.from({ length: count }, (_, i) => drawRow(d, i));
  const t = db.as<Tables>();
  for (let i = 0; i < rows.length; i += 500) {
    const json = (value: unknown): never => (value === null ? null : sql`${JSON.stringify(value)}::text::jsonb`) as never;
    await t.insertInto('asked_rows').values(rows.slice(i, i + 500).map((r) => ({
      ...r, products: json(r.products), orgs: json(r.orgs), persons: json(r.persons), attributes: json(r.attributes),
    }))).execute();
  }
  let seen = 0;
  for (let asker = 0; asker < askers; asker++) {
    const sources = drawSources(d);
    const policy = compilePolicy(sources);
    const { resource: _, ...request } = drawRequest(d, sources);
    const wanted = rows.filter((row) => allowed(policy, request, row));
    seen += wanted.length;
    await holdAll(db, allowedRows(policy, request, columns), wanted, `seed ${seed}, asker ${asker}`);
  }
  return seen;
}

type Where = ReturnType<typeof allowedRows>;

/** List, count, pages, search, facets and export, each against the filter. */
async function holdAll(db: Db, where: Where, wanted: readonly Row[], told: string): Promise<void> {
  const t = db.as<Tables>();
  const ids = async (query: { execute(): Promise<{ id: number }[]> }): Promise<number[]> => (await query.execute()).map((r) => r.id);
  const list = t.selectFrom('asked_rows').select('id').where(where).orderBy('id');
  expect(await ids(list), `${told}: list`).toEqual(wanted.map((r) => r.id));
  const total = await t.selectFrom('asked_rows').select(sql<string>`count(*)`.as('n')).where(where).executeTakeFirstOrThrow();
  expect(Number(total.n), `${told}: count`).toBe(wanted.length);
  const pages: number[] = [];
  for (let after = -1; ;) {
    const page = await ids(list.where('id', '>', after).limit(Math.max(50, Math.ceil(wanted.length / 3))));
    if (page.length === 0) break;
    pages.push(...page);
    after = page.at(-1) as number;
  }
  expect(pages, `${told}: pages`).toEqual(wanted.map((r) => r.id));
  const search = list.where('kind', '=', 'threat');
  expect(await ids(search), `${told}: search`).toEqual(wanted.filter((r) => r.kind === 'threat').map((r) => r.id));
  const facets = await t.selectFrom('asked_rows').select(['owner', sql<string>`count(*)`.as('n')]).where(where).groupBy('owner').orderBy('owner').execute();
  const owners = [...new Set(wanted.map((r) => r.owner))].sort();
  expect(facets, `${told}: facets`).toEqual(owners.map((owner) => ({ owner, n: String(wanted.filter((r) => r.owner === owner).length) })));
  const exported = await t.selectFrom('asked_rows').selectAll().where(where).orderBy('id').execute();
  expect(exported, `${told}: export`).toEqual(wanted);
}
