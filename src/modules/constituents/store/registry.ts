/** The tables of the registry. Every read takes the organisation whose registry it is. */
import { sql } from 'kysely';
import type { Claim } from '#kit/ip/owners';
import type { Migration, Queryable } from '#world/db/port';
import type { Asset, Constituent, ConstituentKind } from '../model/registry.ts';

interface ConstituentRow {
  id: string; scope: string; name: string; kind: string; org: string | null; sector: string | null;
  province: string | null; created_at: string;
}
interface AssetRow {
  id: string; scope: string; constituent: string; kind: string; value: string; valid_from: string; valid_to: string | null;
  proof: Asset['proof'];
}
interface Tables { constituent: ConstituentRow; constituent_asset: AssetRow }

export const registryMigrations: readonly Migration[] = [
  {
    name: 'constituents/001-registry',
    sql: `create table constituent (
      id text primary key, scope text not null, name text not null, kind text not null, org text, sector text,
      province text, created_at timestamptz not null, unique (scope, name)
    );
    create index constituent_org on constituent (org);
    create table constituent_asset (
      id text primary key, scope text not null, constituent text not null references constituent (id), kind text not null,
      value text not null, valid_from timestamptz not null, valid_to timestamptz, check (valid_to is null or valid_to > valid_from)
    );
    create index constituent_asset_owner on constituent_asset (constituent);
    create index constituent_asset_value on constituent_asset (scope, kind, value)`,
  },
  { name: 'constituents/002-proofs', sql: 'alter table constituent_asset add column proof jsonb' },
];

const tables = (db: Queryable) => db.as<Tables>();

const assetOf = (row: AssetRow): Asset => ({
  id: row.id, constituent: row.constituent, kind: row.kind as Asset['kind'], value: row.value, from: row.valid_from,
  to: row.valid_to, proof: row.proof,
});

function select(db: Queryable, scope: string, now: string) {
  return tables(db).selectFrom('constituent as c').selectAll('c').where('c.scope', '=', scope).select(
    sql<string>`(select count(*) from constituent_asset a where a.constituent = c.id and a.valid_from <= ${now}::timestamptz
      and (a.valid_to is null or a.valid_to > ${now}::timestamptz))`.as('assets_now'),
  );
}

function constituentOf(row: ConstituentRow & { assets_now: string }): Constituent {
  return {
    id: row.id, name: row.name, kind: row.kind as Constituent['kind'], org: row.org, sector: row.sector,
    province: row.province, createdAt: row.created_at, assetsNow: Number(row.assets_now),
  };
}

export interface Page {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly after?: { name: string; id: string } | undefined;
  readonly limit: number;
  readonly now: string;
}

export async function constituentsPage(db: Queryable, scope: string, page: Page): Promise<Constituent[]> {
  let query = select(db, scope, page.now).orderBy('c.name').orderBy('c.id').limit(page.limit);
  if (page.q !== undefined && page.q !== '') query = query.where(sql<boolean>`c.name ilike ${like(page.q)}`);
  if (page.kind !== undefined) query = query.where('c.kind', '=', page.kind);
  if (page.after) query = query.where(sql<boolean>`(c.name, c.id) > (${page.after.name}, ${page.after.id})`);
  return (await query.execute()).map(constituentOf);
}

export async function constituentsCount(db: Queryable, scope: string, page: Pick<Page, 'q' | 'kind'>): Promise<number> {
  let query = tables(db).selectFrom('constituent as c').where('c.scope', '=', scope).select(sql<string>`count(*)`.as('n'));
  if (page.q !== undefined && page.q !== '') query = query.where(sql<boolean>`c.name ilike ${like(page.q)}`);
  if (page.kind !== undefined) query = query.where('c.kind', '=', page.kind);
  return Number((await query.executeTakeFirst())?.n ?? 0);
}

const like = (q: string): string => `%${q.replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`;

export async function constituentById(db: Queryable, scope: string, id: string, now: string): Promise<Constituent | null> {
  const row = await select(db, scope, now).where('c.id', '=', id).executeTakeFirst();
  return row ? constituentOf(row) : null;
}

/** Names to ids, for the whole registry. */
export async function constituentNames(db: Queryable, scope: string): Promise<Map<string, string>> {
  const rows = await tables(db).selectFrom('constituent').select(['id', 'name']).where('scope', '=', scope).execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}

/** Constituents of some kinds, by name. */
export async function constituentsOfKinds(
  db: Queryable, scope: string, kinds: readonly ConstituentKind[],
): Promise<{ id: string; name: string; kind: ConstituentKind; province: string | null }[]> {
  const rows = await tables(db).selectFrom('constituent').select(['id', 'name', 'kind', 'province']).where('scope', '=', scope)
    .where('kind', 'in', [...kinds]).orderBy('name').execute();
  return rows.map((row) => ({ ...row, kind: row.kind as ConstituentKind }));
}

export async function insertConstituent(
  db: Queryable, scope: string, c: Omit<Constituent, 'assetsNow'>,
): Promise<boolean> {
  const done = await tables(db).insertInto('constituent').values({
    id: c.id, scope, name: c.name, kind: c.kind, org: c.org, sector: c.sector, province: c.province, created_at: c.createdAt,
  }).onConflict((x) => x.columns(['scope', 'name']).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function assetsOf(db: Queryable, scope: string, constituent: string): Promise<Asset[]> {
  const rows = await tables(db).selectFrom('constituent_asset').selectAll().where('scope', '=', scope)
    .where('constituent', '=', constituent).orderBy('kind').orderBy('value').orderBy('valid_from').execute();
  return rows.map(assetOf);
}

export async function allAssets(db: Queryable, scope: string): Promise<Asset[]> {
  return (await tables(db).selectFrom('constituent_asset').selectAll().where('scope', '=', scope).execute()).map(assetOf);
}

/** Everybody who holds this, ever; locks the registry's claim on it until the transaction ends. */
export async function holdersOf(db: Queryable, scope: string, kind: string, value: string): Promise<Asset[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`asset:${scope}`}, 0))`.execute(tables(db));
  const rows = await tables(db).selectFrom('constituent_asset').selectAll().where('scope', '=', scope)
    .where('kind', '=', kind).where('value', '=', value).execute();
  return rows.map(assetOf);
}

export async function insertAssets(db: Queryable, scope: string, assets: readonly Asset[]): Promise<void> {
  for (let at = 0; at < assets.length; at += 500) {
    await tables(db).insertInto('constituent_asset').values(assets.slice(at, at + 500).map((a) => ({
      id: a.id, scope, constituent: a.constituent, kind: a.kind, value: a.value, valid_from: a.from, valid_to: a.to,
      proof: a.proof === null ? null : json(a.proof),
    }))).execute();
  }
}

export async function saveEnd(db: Queryable, scope: string, asset: Asset): Promise<void> {
  await tables(db).updateTable('constituent_asset').set({ valid_to: asset.to }).where('scope', '=', scope)
    .where('id', '=', asset.id).execute();
}

export async function saveProof(db: Queryable, scope: string, asset: string, proof: NonNullable<Asset['proof']>): Promise<void> {
  await tables(db).updateTable('constituent_asset').set({ proof: json(proof) }).where('scope', '=', scope)
    .where('id', '=', asset).execute();
}

/** jsonb goes in as text; it comes out as what it was. */
const json = (proof: NonNullable<Asset['proof']>) => sql<Asset['proof']>`${JSON.stringify(proof)}::jsonb`;

/** The registry as claims, for attribution. */
export async function claimsOf(db: Queryable, scope: string): Promise<Claim[]> {
  return (await allAssets(db, scope)).map((a) => ({
    kind: a.kind, value: a.value, owner: a.constituent, from: Date.parse(a.from) / 1000,
    to: a.to === null ? Number.POSITIVE_INFINITY : Date.parse(a.to) / 1000,
  }));
}

/** The registry of a centre passes to its successor as it is, and what an organisation speaks for goes with it. */
export async function passOnRegistry(db: Queryable, from: string, to: string): Promise<void> {
  // Where both have a blocking list of one name, the one that passes gets another: its earlier bytes keep the old one.
  await sql`update blocking_list l set name = l.name || '-' || right(l.id, 6) where l.scope = ${from}
    and exists (select 1 from blocking_list o where o.scope = ${to} and o.name = l.name)`.execute(tables(db));
  const tabled = ['constituent', 'constituent_asset', 'contact', 'asset_claim', 'notice', 'finding', 'message', 'link', 'notice_rule', 'webhook',
    'connection', 'blocking_list', 'blocking_entry', 'blocking_guard_list'];
  for (const table of tabled) {
    await sql`update ${sql.table(table)} set scope = ${to} where scope = ${from}`.execute(tables(db));
  }
  await sql`insert into decided_day select ${to}, day, works, name from decided_day where scope = ${from} on conflict do nothing`
    .execute(tables(db));
  await tables(db).updateTable('constituent').set({ org: to }).where('org', '=', from).execute();
}

export async function registrySize(db: Queryable, scope: string): Promise<number> {
  return Number((await tables(db).selectFrom('constituent').select((eb) => eb.fn.countAll<string>().as('n'))
    .where('scope', '=', scope).executeTakeFirst())?.n ?? 0);
}

/** Constituents that an organisation speaks for, and whose registry names them. */
export async function constituentsSpokenFor(
  db: Queryable, org: string,
): Promise<{ id: string; name: string; registry: string }[]> {
  const rows = await tables(db).selectFrom('constituent').select(['id', 'name', 'scope']).where('org', '=', org)
    .orderBy('name').execute();
  return rows.map((row) => ({ id: row.id, name: row.name, registry: row.scope }));
}
