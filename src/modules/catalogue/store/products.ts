/** Products and releases. Every read names the organisation whose they are; who else may see them is the gate's business. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { ReleaseState } from '../model.ts';
import { tables, type CatalogueTables } from './schema.ts';

export interface ProductRecord {
  readonly id: string; readonly scope: string; readonly name: string; readonly summary: string; readonly summaryVi: string; readonly open: boolean;
  readonly createdAt: string; readonly createdBy: string;
}
const productOf = (r: CatalogueTables['catalogue_product']): ProductRecord => ({
  id: r.id, scope: r.scope, name: r.name, summary: r.summary, summaryVi: r.summary_vi, open: r.open, createdAt: r.created_at, createdBy: r.created_by,
});

/** False where one of that name is there. */
export async function insertProduct(tx: Queryable, p: ProductRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('catalogue_product').values({
    id: p.id, scope: p.scope, name: p.name, summary: p.summary, summary_vi: p.summaryVi, open: p.open, created_at: p.createdAt, created_by: p.createdBy,
  }).onConflict((c) => c.columns(['scope', 'name']).doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Of these organisations, and what is open to everybody. */
export async function productsOf(q: Queryable, scopes: readonly string[], openToo: boolean): Promise<ProductRecord[]> {
  const rows = await tables(q).selectFrom('catalogue_product').selectAll()
    .where((e) => e.or([e('scope', 'in', [...scopes, '']), ...openToo ? [e('open', '=', true)] : []])).orderBy('name').orderBy('id').execute();
  return rows.map(productOf);
}

export async function productById(q: Queryable, id: string): Promise<ProductRecord | null> {
  const row = await tables(q).selectFrom('catalogue_product').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? productOf(row) : null;
}

export interface ReleaseRecord {
  readonly id: string; readonly product: string; readonly scope: string; readonly version: string; readonly title: string; readonly state: ReleaseState;
  readonly embargoUntil: string | null; readonly early: readonly string[];
  /** In which place it was published, from 1. */
  readonly ordinal: number | null;
  readonly publishedAt: string | null; readonly manifest: string | null; readonly withdrawnAt: string | null; readonly withdrawnWhy: string | null;
  readonly createdAt: string;
}
const releaseOf = (r: CatalogueTables['catalogue_release']): ReleaseRecord => ({
  id: r.id, product: r.product, scope: r.scope, version: r.version, title: r.title, state: r.state as ReleaseState, embargoUntil: r.embargo_until,
  early: r.early, ordinal: r.ordinal, publishedAt: r.published_at, manifest: r.manifest, withdrawnAt: r.withdrawn_at, withdrawnWhy: r.withdrawn_why,
  createdAt: r.created_at,
});

/** False where one of that version is there. */
export async function insertRelease(tx: Queryable, r: ReleaseRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('catalogue_release').values({
    id: r.id, product: r.product, scope: r.scope, version: r.version, title: r.title, state: r.state, embargo_until: r.embargoUntil,
    early: [...r.early], ordinal: r.ordinal, published_at: r.publishedAt, manifest: r.manifest, withdrawn_at: r.withdrawnAt,
    withdrawn_why: r.withdrawnWhy, created_at: r.createdAt,
  }).onConflict((c) => c.columns(['product', 'version']).doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The newest first: what is prepared, then what was published, by order of publishing. */
export async function releasesOf(q: Queryable, products: readonly string[]): Promise<ReleaseRecord[]> {
  const { rows } = await sql<CatalogueTables['catalogue_release']>`select * from catalogue_release where product = any(${[...products]}::text[])
    order by ordinal desc nulls first, created_at desc, id desc`.execute(tables(q));
  return rows.map(releaseOf);
}

export async function releaseById(q: Queryable, id: string): Promise<ReleaseRecord | null> {
  const row = await tables(q).selectFrom('catalogue_release').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? releaseOf(row) : null;
}

/** Held until the transaction ends, so that what a release holds and its being published do not pass each other. */
export async function lockedRelease(tx: Queryable, scope: string, id: string): Promise<ReleaseRecord | null> {
  const row = await tables(tx).selectFrom('catalogue_release').selectAll().where('id', '=', id).where('scope', '=', scope).forUpdate().executeTakeFirst();
  return row ? releaseOf(row) : null;
}

/** Publishes it as the next of its product. */
export async function notePublished(tx: Queryable, { id, product }: ReleaseRecord, at: string, manifest: string): Promise<void> {
  // One at a time for each product: the place in the order is the next one.
  await tables(tx).selectFrom('catalogue_product').select('id').where('id', '=', product).forUpdate().execute();
  await sql`update catalogue_release set state = 'published', published_at = ${at}::timestamptz, manifest = ${manifest},
    ordinal = (select coalesce(max(ordinal), 0) + 1 from catalogue_release where product = ${product}) where id = ${id}`.execute(tables(tx));
}

export async function noteReleaseWithdrawn(tx: Queryable, id: string, at: string, why: string): Promise<void> {
  await sql`update catalogue_release set state = 'withdrawn', withdrawn_at = ${at}::timestamptz, withdrawn_why = ${why} where id = ${id}`.execute(tables(tx));
}
