/**
 * The tables of searching: the index of each source that is under review, taken by a lease while it is made; each search that was asked; and
 * what was shown of it, batch by batch.
 */
import { sql } from 'kysely';
import { SeenBlocks } from '#kit/review/blocks';
import type { Migration, Queryable } from '#world/db/port';
import type { IndexFile } from '#world/searching/shared';
import { tables as centreTables } from '../store/schema.ts';
import type { Holder } from '../store/views.ts';
import type { Asked, IndexState } from '../model/searching.ts';

interface SearchTables {
  centre_index: {
    owner: string; root: string; artefact: string; product: string; name: string | null; files: IndexFile[] | null; listing: string | null;
    counts: unknown; made_at: string | null; run: string | null; lease_until: string | null; tries: number; next_at: string; trouble: string | null;
  };
  centre_search: {
    id: string; review: string; visit: string; scope: string; owner: string; product: string; release: string; person: string; asked: unknown;
    at: string; lines: number; fresh: number;
  };
  centre_shown: { id: string; search: string; visit: string; scope: string; owner: string; at: string; lines: unknown; fresh: number };
}
const tables = (q: Queryable) => q.as<SearchTables>();

export const searchMigrations: readonly Migration[] = [
  {
    name: 'centre/101-searching',
    sql: `create table centre_index (
      owner text not null, root text not null, artefact text not null, product text not null, name text, files jsonb, listing text, counts jsonb,
      made_at timestamptz, run text, lease_until timestamptz, tries int not null, next_at timestamptz not null, trouble text, primary key (owner, root)
    );
    create index centre_index_product on centre_index (owner, product, made_at);
    create table centre_search (
      id text primary key, review text not null references centre_review (id), visit text not null, scope text not null, owner text not null,
      product text not null, release text not null, person text not null, asked jsonb not null, at timestamptz not null, lines int not null,
      fresh int not null
    );
    create index centre_search_of on centre_search (visit, id);
    create index centre_search_in on centre_search (review, at);
    create table centre_shown (
      id text primary key, search text not null references centre_search (id), visit text not null, scope text not null, owner text not null,
      at timestamptz not null, lines jsonb not null, fresh int not null
    );
    create index centre_shown_of on centre_shown (search, id)`,
  },
];

/** What is known of the files of a source once it is indexed. */
export interface IndexCounts {
  readonly files: number; readonly bytes: number; readonly lines: number; readonly text: number; readonly binary: number; readonly refused: number;
  /** The first of them, by name. */
  readonly refusedFiles: readonly { readonly path: string; readonly reason: string }[];
}
export interface IndexRow {
  readonly owner: string; readonly root: string; readonly state: IndexState; readonly name: string | null; readonly files: readonly IndexFile[];
  /** SHA-256 of the list of its files among the blobs. */
  readonly listing: string | null;
  readonly counts: IndexCounts | null; readonly madeAt: string | null; readonly trouble: string | null;
}

const rowOf = (row: SearchTables['centre_index']): IndexRow => ({
  owner: row.owner, root: row.root, state: row.name !== null ? 'made' : row.trouble === null ? 'making' : 'failed', name: row.name, files: row.files ?? [],
  listing: row.listing, counts: row.counts as IndexCounts | null, madeAt: row.made_at, trouble: row.trouble,
});

interface Tree { readonly owner: string; readonly root: string }

export async function indexRow(q: Queryable, { owner, root }: Tree): Promise<IndexRow | null> {
  const row = await tables(q).selectFrom('centre_index').selectAll().where('owner', '=', owner).where('root', '=', root).executeTakeFirst();
  return row ? rowOf(row) : null;
}

/** Sources that somebody was allowed to review, and that cannot be searched yet. */
export async function dueIndexes(q: Queryable, now: string, most: number): Promise<(Tree & { readonly artefact: string; readonly product: string })[]> {
  const { rows } = await sql<Tree & { artefact: string; product: string }>`select distinct on (v.owner, v.root) v.owner, v.root, v.artefact, v.product
    from centre_visit v left join centre_index i on i.owner = v.owner and i.root = v.root
    where v.state = 'agreed' and (i.root is null
      or (i.name is null and i.next_at <= ${now}::timestamptz and (i.lease_until is null or i.lease_until < ${now}::timestamptz)))
    order by v.owner, v.root, v.id limit ${most}`.execute(tables(q));
  return rows;
}

interface Taking { readonly artefact: string; readonly product: string; readonly run: string; readonly now: string; readonly until: string }

/** False where another hub is at it, or it is made. */
export async function takeIndex(tx: Queryable, { owner, root }: Tree, { artefact, product, run, now, until }: Taking): Promise<boolean> {
  await tables(tx).insertInto('centre_index').values({
    owner, root, artefact, product, name: null, files: null, listing: null, counts: null, made_at: null, run: null, lease_until: null, tries: 0,
    next_at: now, trouble: null,
  }).onConflict((c) => c.columns(['owner', 'root']).doNothing()).execute();
  const { numUpdatedRows } = await tables(tx).updateTable('centre_index').set((eb) => ({ run, lease_until: until, tries: eb('tries', '+', 1) }))
    .where('owner', '=', owner).where('root', '=', root).where('name', 'is', null)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)])).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function holdIndex(q: Queryable, run: string, until: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(q).updateTable('centre_index').set({ lease_until: until }).where('run', '=', run).where('name', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export interface Made {
  readonly name: string; readonly files: readonly IndexFile[]; readonly listing: string; readonly counts: IndexCounts; readonly at: string;
}

/** False where the lease is another's by now: then that one's is as good. */
export async function saveIndex(tx: Queryable, run: string, { name, files, listing, counts, at }: Made): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('centre_index').set({
    name, files: JSON.stringify(files) as never, listing, counts: JSON.stringify(counts), made_at: at, run: null, lease_until: null, trouble: null,
  }).where('run', '=', run).where('name', 'is', null).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function noteTrouble(q: Queryable, run: string, trouble: string, nextAt: string): Promise<void> {
  await tables(q).updateTable('centre_index').set({ trouble, next_at: nextAt, run: null, lease_until: null }).where('run', '=', run).execute();
}

/** The newest index of another release of the product. */
export async function lastIndex(q: Queryable, owner: string, product: string): Promise<IndexRow | null> {
  const row = await tables(q).selectFrom('centre_index').selectAll().where('owner', '=', owner).where('product', '=', product).where('name', 'is not', null)
    .orderBy('made_at', 'desc').limit(1).executeTakeFirst();
  return row ? rowOf(row) : null;
}

/** Whose visits to a source were agreed to. */
export async function reviewersOf(q: Queryable, { owner, root }: Tree): Promise<string[]> {
  const rows = await centreTables(q).selectFrom('centre_visit').select('scope').distinct().where('owner', '=', owner).where('root', '=', root)
    .where('state', '=', 'agreed').execute();
  return rows.map((r) => r.scope).sort();
}

export type SearchRow = SearchTables['centre_search'] & { readonly asked: Asked };

export async function insertSearch(tx: Queryable, search: SearchRow): Promise<void> {
  await tables(tx).insertInto('centre_search').values({ ...search, asked: JSON.stringify(search.asked) }).execute();
}

export async function searchOf(q: Queryable, review: string, id: string): Promise<SearchRow | null> {
  const row = await tables(q).selectFrom('centre_search').selectAll().where('id', '=', id).where('review', '=', review).executeTakeFirst();
  return row ? { ...row, asked: row.asked as Asked } : null;
}

export async function searchesSince(q: Queryable, review: string, at: string): Promise<number> {
  const { n } = await tables(q).selectFrom('centre_search').select((eb) => eb.fn.countAll<string>().as('n')).where('review', '=', review)
    .where('at', '>', at).executeTakeFirstOrThrow();
  return Number(n);
}

/** What the leaves of a visit are about: its sittings and the searches in them. */
export async function subjectsOfTrail(q: Queryable, visit: string): Promise<string[]> {
  const reviews = await centreTables(q).selectFrom('centre_review').select('id').where('visit', '=', visit).orderBy('id').execute();
  const searches = await tables(q).selectFrom('centre_search').select('id').where('visit', '=', visit).orderBy('id').execute();
  return [...reviews, ...searches].map((row) => row.id);
}

export async function searchesOfVisit(q: Queryable, visit: string, from: number, most: number): Promise<SearchRow[]> {
  const rows = await tables(q).selectFrom('centre_search').selectAll().where('visit', '=', visit).orderBy('id').offset(from).limit(most).execute();
  return rows.map((row) => ({ ...row, asked: row.asked as Asked }));
}

export interface ShownBatch {
  readonly id: string; readonly search: string; readonly visit: string; readonly scope: string; readonly owner: string; readonly at: string;
  readonly fresh: number; readonly lines: readonly { readonly path: string; readonly digest: string; readonly line: number; readonly from: number;
    readonly to: number }[];
}

export async function insertShown(tx: Queryable, batch: ShownBatch): Promise<void> {
  await tables(tx).insertInto('centre_shown').values({ ...batch, lines: JSON.stringify(batch.lines) }).execute();
  await tables(tx).updateTable('centre_search')
    .set((eb) => ({ lines: eb('lines', '+', batch.lines.length), fresh: eb('fresh', '+', batch.fresh) })).where('id', '=', batch.search).execute();
}

/** Blocks seen of several files at once; of one that was not begun there is nothing. */
export async function seenOfAll(q: Queryable, { scope, product }: Holder, digests: readonly string[]): Promise<Map<string, SeenBlocks>> {
  if (digests.length === 0) return new Map();
  const rows = await centreTables(q).selectFrom('centre_seen').select(['digest', 'blocks']).where('scope', '=', scope).where('product', '=', product)
    .where('digest', 'in', [...digests]).execute();
  return new Map(rows.map((r) => [r.digest, new SeenBlocks(new Uint8Array(r.blocks))]));
}

export async function saveSeenOfAll(tx: Queryable, { scope, owner, product }: Holder, seen: ReadonlyMap<string, SeenBlocks>): Promise<void> {
  if (seen.size === 0) return;
  await centreTables(tx).insertInto('centre_seen')
    .values([...seen].map(([digest, blocks]) => ({ scope, owner, product, digest, blocks: Buffer.from(blocks.bytes) })))
    .onConflict((c) => c.columns(['scope', 'product', 'digest']).doUpdateSet((eb) => ({ blocks: eb.ref('excluded.blocks') }))).execute();
}

export async function passOnSearching(tx: Queryable, from: string, to: string): Promise<void> {
  // What both hold of the same source is held once.
  await sql`delete from centre_index o where o.owner = ${from} and exists (select 1 from centre_index n where n.owner = ${to} and n.root = o.root)`
    .execute(tables(tx));
  await sql`update centre_index set owner = ${to} where owner = ${from}`.execute(tables(tx));
  for (const name of ['centre_search', 'centre_shown']) {
    await sql`update ${sql.table(name)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
    await sql`update ${sql.table(name)} set owner = ${to} where owner = ${from}`.execute(tables(tx));
  }
}
