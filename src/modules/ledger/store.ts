/**
 * The ledger's tables. Leaves and heads are public; openings are read only through a scope, the organisation that
 * reads. Nothing here is ever updated but the head, which moves forward by compare-and-swap, and what erasure removes.
 */
import { sql } from 'kysely';
import type { ClauseRef } from '#kit/refusal';
import { concatBytes, fromHex, toHex } from '#kit/encoding';
import type { Frontier } from '#kit/merkle/tree';
import { peakCount } from '#kit/merkle/tree';
import type { Migration, Queryable } from '#world/db/port';
import type { LedgerFact } from './model.ts';

export interface LedgerTables {
  ledger_head: { id: number; size: string; root: string; peaks: string };
  ledger_heads: { size: string; root: string; at: string };
  ledger_leaves: { index: string; leaf: string; leaf_hash: string };
  ledger_openings: { index: string; class: string; at: string; subject: string; fact: string };
  ledger_readers: { org: string; index: string };
  ledger_subject_keys: { subject: string; key: string | null; erased_at: string | null };
  facts_outbox: { seq: string; fact: Record<string, unknown> };
}

const emptyRootHex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const ledgerMigrations: readonly Migration[] = [
  {
    name: 'ledger/001-log',
    sql: `
      create table ledger_head (
        id smallint primary key check (id = 1), size bigint not null, root text not null, peaks text not null
      );
      insert into ledger_head values (1, 0, '${emptyRootHex}', '');
      create table ledger_heads (size bigint primary key, root text not null, at timestamptz not null);
      create table ledger_leaves (index bigint primary key, leaf text not null, leaf_hash text not null);
      create table ledger_openings (
        index bigint primary key, class text not null, at timestamptz not null, subject text not null, fact text not null
      );
      create index ledger_openings_subject on ledger_openings (subject, index);
      create table ledger_readers (org text not null, index bigint not null, primary key (org, index));
      create index ledger_readers_index on ledger_readers (index);
      create table ledger_subject_keys (subject text primary key, key text, erased_at timestamptz);
    `,
  },
];

/** Whose openings a read may see. */
export interface Scope {
  readonly org: string;
}

export interface Head extends Frontier {
  readonly root: Uint8Array;
}

const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex);
  if (!bytes) throw new Error('the ledger tables hold something that is not hex');
  return bytes;
};

export async function readHead(db: Queryable): Promise<Head> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_head').selectAll().executeTakeFirstOrThrow();
  const size = Number(row.size);
  const peaks = bytesOf(row.peaks);
  if (peaks.length !== peakCount(size) * 32) throw new Error(`the head of ${size} leaves has the wrong peaks`);
  return {
    size,
    root: bytesOf(row.root),
    peaks: Array.from({ length: peaks.length / 32 }, (_, i) => peaks.slice(i * 32, i * 32 + 32)),
  };
}

/** Moves the head from `size` to the next. Throws where another has moved it: that transaction must not commit. */
export async function moveHead(tx: Queryable, size: number, next: Head, at: string): Promise<void> {
  const tables = tx.as<LedgerTables>();
  const root = toHex(next.root);
  const moved = await tables.updateTable('ledger_head')
    .set({ size: String(next.size), root, peaks: toHex(concatBytes(...next.peaks)) })
    .where('id', '=', 1).where('size', '=', String(size)).executeTakeFirst();
  if (Number(moved.numUpdatedRows) !== 1) throw new Error(`the head is not at ${size} any more`);
  await tables.insertInto('ledger_heads').values({ size: String(next.size), root, at }).execute();
}

/** When this size was committed, or null where no head had it. */
export async function headTime(db: Queryable, size: number): Promise<string | null> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_heads').select('at').where('size', '=', String(size))
    .executeTakeFirst();
  return row?.at ?? null;
}

/** One sequencer in the whole hub, until the transaction ends. */
export async function trySequencerLock(tx: Queryable): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(7306095281) as got`
    .execute(tx.as<LedgerTables>());
  return rows[0]?.got === true;
}

/** One publisher in the whole hub, until the transaction ends; waits for it. */
export async function publisherLock(tx: Queryable): Promise<void> {
  await sql`select pg_advisory_xact_lock(7306095282)`.execute(tx.as<LedgerTables>());
}

export interface OutboxFact {
  readonly seq: string;
  readonly fact: Record<string, unknown>;
}

export function outboxHead(tx: Queryable, limit: number): Promise<OutboxFact[]> {
  return tx.as<LedgerTables>().selectFrom('facts_outbox').select(['seq', 'fact']).orderBy('seq').limit(limit).execute();
}

/** By number, one for one: a fact that committed late with a low number was not read and must stay. */
export async function deleteOutbox(tx: Queryable, seqs: readonly string[]): Promise<void> {
  await sql`delete from facts_outbox where seq in
    (select value::bigint from json_array_elements_text(${JSON.stringify(seqs)}::json))`.execute(tx.as<LedgerTables>());
}

/** The key of each subject, made by `fresh` where it has none (or was erased). 32 bytes each. */
export async function subjectKeys(
  tx: Queryable, subjects: readonly string[], fresh: () => Uint8Array,
): Promise<Map<string, Uint8Array>> {
  const wanted = [...new Set(subjects)];
  const rows = JSON.stringify(wanted.map((subject) => ({ subject, key: toHex(fresh()) })));
  const { rows: keys } = await sql<{ subject: string; key: string }>`
    insert into ledger_subject_keys as k (subject, key)
    select subject, key from json_to_recordset(${rows}::json) as r(subject text, key text)
    on conflict (subject) do update set key = coalesce(k.key, excluded.key)
    returning subject, key`.execute(tx.as<LedgerTables>());
  return new Map(keys.map(({ subject, key }) => [subject, bytesOf(key)]));
}

export interface NewLeaf {
  readonly index: number;
  readonly leaf: string;
  readonly leafHash: Uint8Array;
  readonly class: string;
  readonly at: string;
  readonly subject: string;
  readonly readers: readonly string[];
  /** RFC 8785 text. */
  readonly fact: string;
}

export async function insertLeaves(tx: Queryable, leaves: readonly NewLeaf[]): Promise<void> {
  const rows = JSON.stringify(leaves.map((leaf) => ({ ...leaf, leaf_hash: toHex(leaf.leafHash), leafHash: undefined })));
  const tables = tx.as<LedgerTables>();
  await sql`insert into ledger_leaves (index, leaf, leaf_hash)
    select index, leaf, leaf_hash from json_to_recordset(${rows}::json) as r(index bigint, leaf text, leaf_hash text)`
    .execute(tables);
  await sql`insert into ledger_openings (index, class, at, subject, fact)
    select index, class, at, subject, fact from json_to_recordset(${rows}::json)
      as r(index bigint, class text, at timestamptz, subject text, fact text)`.execute(tables);
  await sql`insert into ledger_readers (org, index)
    select distinct org, index from json_to_recordset(${rows}::json) as r(index bigint, readers json),
      json_array_elements_text(readers) as org`.execute(tables);
}

export interface StoredLeaf {
  readonly leaf: string;
  readonly leafHash: Uint8Array;
}

/** Leaves [first, first + count), all of them or a fault. */
export async function leavesFrom(db: Queryable, first: number, count: number): Promise<StoredLeaf[]> {
  const rows = await db.as<LedgerTables>().selectFrom('ledger_leaves').select(['leaf', 'leaf_hash'])
    .where('index', '>=', String(first)).where('index', '<', String(first + count)).orderBy('index').execute();
  if (rows.length !== count) throw new Error(`of the leaves ${first} to ${first + count - 1} only ${rows.length} are there`);
  return rows.map((row) => ({ leaf: row.leaf, leafHash: bytesOf(row.leaf_hash) }));
}

/** What a fact's RFC 8785 text holds. */
export interface FactContent {
  readonly class: string;
  readonly at: string;
  readonly actor: string;
  readonly org: string;
  readonly subject: string;
  readonly readers: string[];
  readonly clauses: ClauseRef[];
  readonly body: LedgerFact['body'];
}

export interface StoredFact {
  readonly index: number;
  readonly leaf: string;
  readonly leafHash: string;
  readonly text: string;
  readonly content: FactContent;
  /** 32 bytes. */
  readonly subjectKey: Uint8Array;
}

export interface FactFilter {
  readonly class?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly before?: number | undefined;
  readonly index?: number | undefined;
  readonly limit: number;
}

/** Facts that the scope may read, newest first. A fact whose subject was erased is not among them. */
export async function factsFor(db: Queryable, scope: Scope, filter: FactFilter): Promise<StoredFact[]> {
  let query = db.as<LedgerTables>().selectFrom('ledger_readers as r')
    .innerJoin('ledger_openings as o', 'o.index', 'r.index')
    .innerJoin('ledger_leaves as l', 'l.index', 'r.index')
    .innerJoin('ledger_subject_keys as k', 'k.subject', 'o.subject')
    .where('r.org', '=', scope.org)
    .where('k.key', 'is not', null)
    .select(['r.index', 'l.leaf', 'l.leaf_hash', 'o.fact', 'k.key'])
    .orderBy('r.index', 'desc').limit(filter.limit);
  if (filter.before !== undefined) query = query.where('r.index', '<', String(filter.before));
  if (filter.index !== undefined) query = query.where('r.index', '=', String(filter.index));
  if (filter.subject !== undefined) query = query.where('o.subject', '=', filter.subject);
  if (filter.from !== undefined) query = query.where('o.at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('o.at', '<', filter.to);
  if (filter.class?.endsWith('.')) query = query.where(sql`starts_with(o.class, ${filter.class})`, '=', sql`true`);
  else if (filter.class !== undefined) query = query.where('o.class', '=', filter.class);
  return (await query.execute()).map((row) => ({
    index: Number(row.index),
    leaf: row.leaf,
    leafHash: row.leaf_hash,
    text: row.fact,
    content: JSON.parse(row.fact) as FactContent,
    subjectKey: bytesOf(row.key ?? ''),
  }));
}

/** A fact as the app's reactions see it, whoever may read it. */
export interface SequencedFact extends FactContent {
  readonly index: number;
}

/** Facts of some classes from an index on, in order. For the hub's own reactions, never for a reader. */
export async function sequencedFacts(
  db: Queryable, classes: readonly string[], from: number, limit: number,
): Promise<SequencedFact[]> {
  const rows = await db.as<LedgerTables>().selectFrom('ledger_openings').select(['index', 'fact'])
    .where('index', '>=', String(from)).where('class', 'in', [...classes]).orderBy('index').limit(limit).execute();
  return rows.map((row) => ({ ...(JSON.parse(row.fact) as FactContent), index: Number(row.index) }));
}

export interface ExportedEntry {
  readonly leaf: string;
  /** Null where the scope may not read it. */
  readonly opening: { readonly text: string; readonly subjectKey: Uint8Array } | null;
}

/** Leaves [first, first + count) with the openings that the scope may read. */
export async function entriesFor(db: Queryable, scope: Scope, first: number, count: number): Promise<ExportedEntry[]> {
  const { rows } = await sql<{ leaf: string; fact: string | null; key: string | null }>`
    select l.leaf, o.fact, k.key from ledger_leaves l
    left join ledger_readers r on r.index = l.index and r.org = ${scope.org}
    left join ledger_openings o on o.index = r.index
    left join ledger_subject_keys k on k.subject = o.subject
    where l.index >= ${String(first)}::bigint and l.index < ${String(first + count)}::bigint
    order by l.index`.execute(db.as<LedgerTables>());
  return rows.map(({ leaf, fact, key }) => ({
    leaf,
    opening: fact !== null && key !== null ? { text: fact, subjectKey: bytesOf(key) } : null,
  }));
}

/**
 * Erases what the ledger knows of a subject: its key and the openings made with it. The leaves stay, and with them the
 * tree; without the salt nobody can tell what they commit to.
 */
export async function eraseSubject(tx: Queryable, subject: string, at: string): Promise<void> {
  const tables = tx.as<LedgerTables>();
  const openings = tables.selectFrom('ledger_openings').select('index').where('subject', '=', subject);
  await tables.deleteFrom('ledger_readers').where('index', 'in', openings).execute();
  await tables.deleteFrom('ledger_openings').where('subject', '=', subject).execute();
  await tables.updateTable('ledger_subject_keys').set({ key: null, erased_at: at }).where('subject', '=', subject)
    .execute();
}
