/**
 * The ledger's tables: leaves, which are public, and openings, which are read only through a scope, the organisation
 * that reads. The head is head-store.ts. Nothing here is ever updated; erasure removes.
 */
import { sql } from 'kysely';
import type { ClauseRef } from '#kit/refusal';
import { fromHex, toHex } from '#kit/encoding';
import type { Migration, Queryable } from '#world/db/port';
import type { LedgerFact } from './model.ts';

export interface LedgerTables {
  ledger_head: { id: number; size: string; root: string; peaks: string; epoch: string; holder: string; until: string };
  ledger_checkpoint: { id: number; size: string; epoch: string; note: string };
  ledger_cosigned: { id: number; size: string; note: string };
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
  {
    // Whose turn it is to sequence and to sign, and the checkpoint that was signed last: what replicas agree on.
    name: 'ledger/002-turns',
    sql: `
      alter table ledger_head add column epoch bigint not null default 0;
      alter table ledger_head add column holder text not null default '';
      alter table ledger_head add column until timestamptz not null default 'epoch';
      create table ledger_checkpoint (
        id smallint primary key check (id = 1), size bigint not null, epoch bigint not null, note text not null
      );
    `,
  },
  {
    name: 'ledger/003-witnesses',
    sql: `
      create table ledger_witnesses (
        label text primary key, size bigint not null, cosigned_at timestamptz, asked_at timestamptz not null, outcome text not null
      );
      create table ledger_cosigned (id smallint primary key check (id = 1), size bigint not null, note text not null);
    `,
  },
  {
    name: 'ledger/004-keys',
    sql: `
      create table ledger_keys (
        number int primary key, vkey text not null unique, first_size bigint not null, state text not null, ended_size bigint
      );
    `,
  },
  {
    name: 'ledger/005-days',
    sql: 'create table ledger_days (day text primary key, first bigint not null, last bigint not null, note text not null)',
  },
];

/** Whose openings a read may see. */
export interface Scope {
  readonly org: string;
}

export const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex);
  if (!bytes) throw new Error('the ledger tables hold something that is not hex');
  return bytes;
};

export interface OutboxFact {
  readonly seq: string;
  readonly fact: Record<string, unknown>;
}

/** Whether something waits; a look without a turn. */
export async function outboxWaits(db: Queryable): Promise<boolean> {
  const { rows } = await sql`select 1 from facts_outbox limit 1`.execute(db.as<LedgerTables>());
  return rows.length > 0;
}

/** Facts in the order in which their acts were committed (world/facts.ts). */
export async function outboxHead(tx: Queryable, limit: number): Promise<OutboxFact[]> {
  const { rows } = await sql<OutboxFact>`select o.seq, o.fact from facts_acts a join facts_outbox o on o.act = a.act
    order by a.turn, o.seq limit ${limit}`.execute(tx.as<LedgerTables>());
  return rows;
}

/** By number, one for one: what was not read stays, whatever its number or turn. */
export async function deleteOutbox(tx: Queryable, seqs: readonly string[]): Promise<void> {
  await sql`with gone as (
      delete from facts_outbox where seq in (select value::bigint from json_array_elements_text(${JSON.stringify(seqs)}::json))
      returning act
    )
    delete from facts_acts a using (select distinct act from gone) g where a.act = g.act and not exists (
      select from facts_outbox o where o.act = a.act
        and o.seq not in (select value::bigint from json_array_elements_text(${JSON.stringify(seqs)}::json)))`
    .execute(tx.as<LedgerTables>());
}

/** The key of each subject, made by `fresh` where it has none (or was erased). 32 bytes each. */
export async function subjectKeys(
  tx: Queryable, subjects: readonly string[], fresh: () => Uint8Array,
): Promise<Map<string, Uint8Array>> {
  const wanted = JSON.stringify([...new Set(subjects)]);
  const { rows } = await sql<{ subject: string; key: string | null }>`
    select w.subject, k.key from json_array_elements_text(${wanted}::json) as w(subject)
    left join ledger_subject_keys k on k.subject = w.subject`.execute(tx.as<LedgerTables>());
  const keys = new Map(rows.flatMap(({ subject, key }) => (key === null ? [] : [[subject, bytesOf(key)] as const])));
  const made = rows.filter(({ key }) => key === null).map(({ subject }) => ({ subject, key: toHex(fresh()) }));
  if (made.length === 0) return keys;
  // Only the holder of the turn makes keys, so what was missing a moment ago still is.
  await sql`insert into ledger_subject_keys as k (subject, key)
    select subject, key from json_to_recordset(${JSON.stringify(made)}::json) as r(subject text, key text)
    on conflict (subject) do update set key = excluded.key`.execute(tx.as<LedgerTables>());
  for (const { subject, key } of made) keys.set(subject, bytesOf(key));
  return keys;
}

/** The keys that these subjects have now. */
export async function knownKeys(db: Queryable, subjects: readonly string[]): Promise<Map<string, Uint8Array>> {
  const { rows } = await sql<{ subject: string; key: string }>`select subject, key from ledger_subject_keys
    where key is not null and subject in (select json_array_elements_text(${JSON.stringify([...new Set(subjects)])}::json))`
    .execute(db.as<LedgerTables>());
  return new Map(rows.map(({ subject, key }) => [subject, bytesOf(key)]));
}

/** Leaves whose openings are not known here. */
export async function insertBareLeaves(
  tx: Queryable, leaves: readonly { readonly index: number; readonly leaf: string; readonly leafHash: string }[],
): Promise<void> {
  await sql`insert into ledger_leaves (index, leaf, leaf_hash) select index, leaf, "leafHash"
    from json_to_recordset(${JSON.stringify(leaves)}::json) as r(index bigint, leaf text, "leafHash" text)`.execute(tx.as<LedgerTables>());
}

/** Openings of leaves that are there. */
export async function insertOpenings(tx: Queryable, openings: readonly Omit<NewLeaf, 'leaf' | 'leafHash'>[]): Promise<void> {
  await sql`with r as materialized (
      select * from json_to_recordset(${JSON.stringify(openings)}::json)
        as r(index bigint, class text, at timestamptz, subject text, fact text, readers json)
    ), o as (
      insert into ledger_openings (index, class, at, subject, fact) select index, class, at, subject, fact from r
    )
    insert into ledger_readers (org, index)
      select distinct org, index from r, json_array_elements_text(readers) as org`.execute(tx.as<LedgerTables>());
}

/** Whether a fact about this subject waits to be sequenced. */
export async function waitsAbout(tx: Queryable, subject: string): Promise<boolean> {
  const { rows } = await sql`select 1 from facts_outbox where fact ->> 'subject' = ${subject} limit 1`.execute(tx.as<LedgerTables>());
  return rows.length > 0;
}

/** How many facts about a subject can be read, and by whom. */
export async function openedFor(tx: Queryable, subject: string): Promise<{ readonly facts: number; readonly readers: string[] }> {
  const { rows: [row] } = await sql<{ facts: string; readers: string[] }>`
    select count(distinct o.index) as facts, coalesce(json_agg(distinct r.org) filter (where r.org is not null), '[]'::json) as readers
    from ledger_openings o left join ledger_readers r on r.index = o.index where o.subject = ${subject}`.execute(tx.as<LedgerTables>());
  return { facts: Number(row?.facts ?? 0), readers: row?.readers ?? [] };
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

/** One statement: the rows are sent, read and inserted once. */
export async function insertLeaves(tx: Queryable, leaves: readonly NewLeaf[]): Promise<void> {
  const rows = JSON.stringify(leaves.map((leaf) => ({ ...leaf, leafHash: undefined, leaf_hash: toHex(leaf.leafHash) })));
  await sql`with r as materialized (
      select * from json_to_recordset(${rows}::json)
        as r(index bigint, leaf text, leaf_hash text, class text, at timestamptz, subject text, fact text, readers json)
    ), l as (
      insert into ledger_leaves (index, leaf, leaf_hash) select index, leaf, leaf_hash from r
    ), o as (
      insert into ledger_openings (index, class, at, subject, fact) select index, class, at, subject, fact from r
    )
    insert into ledger_readers (org, index)
      select distinct org, index from r, json_array_elements_text(readers) as org`.execute(tx.as<LedgerTables>());
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

export interface RecordedLeaf {
  readonly index: number;
  readonly leaf: string;
  readonly leafHash: string;
  /** Null where its subject was erased, or where it was lost and only the leaf was got back. */
  readonly opening: { readonly text: string; readonly subjectKey: Uint8Array; readonly readers: readonly string[] } | null;
}

/** Everything recorded of the leaves [first, first + count), whoever may read it: for checking the hub itself. */
export async function recordsFrom(db: Queryable, first: number, count: number): Promise<RecordedLeaf[]> {
  const { rows } = await sql<{ index: string; leaf: string; leaf_hash: string; fact: string | null; key: string | null; readers: string[] }>`
    select l.index, l.leaf, l.leaf_hash, o.fact, k.key,
      (select coalesce(json_agg(r.org), '[]'::json) from ledger_readers r where r.index = l.index) as readers
    from ledger_leaves l left join ledger_openings o on o.index = l.index
    left join ledger_subject_keys k on k.subject = o.subject
    where l.index >= ${String(first)}::bigint and l.index < ${String(first + count)}::bigint
    order by l.index`.execute(db.as<LedgerTables>());
  if (rows.length !== count) throw new Error(`of the leaves ${first} to ${first + count - 1} only ${rows.length} are there`);
  return rows.map(({ index, leaf, leaf_hash: leafHash, fact, key, readers }) => ({
    index: Number(index), leaf, leafHash,
    opening: fact !== null && key !== null ? { text: fact, subjectKey: bytesOf(key), readers } : null,
  }));
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
  /** Person id: facts of what that person did. */
  readonly actor?: string | undefined;
  /** The one that names this view, a window or lines that were shown. */
  readonly view?: string | undefined;
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
  if (filter.actor !== undefined) query = query.where(sql<string>`o.fact::jsonb ->> 'actor'`, '=', filter.actor);
  if (filter.subject !== undefined) query = query.where('o.subject', '=', filter.subject);
  if (filter.view !== undefined) query = query.where(sql<string>`o.fact::jsonb -> 'body' ->> 'view'`, '=', filter.view);
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

/** Facts after an index that the scope may read, oldest first: for those who follow the log. */
export async function factsAfter(db: Queryable, scope: Scope, after: number, limit: number): Promise<SequencedFact[]> {
  const rows = await db.as<LedgerTables>().selectFrom('ledger_readers as r').innerJoin('ledger_openings as o', 'o.index', 'r.index')
    .select(['r.index', 'o.fact']).where('r.org', '=', scope.org).where('r.index', '>', String(after))
    .orderBy('r.index').limit(limit).execute();
  return rows.map((row) => ({ ...(JSON.parse(row.fact) as FactContent), index: Number(row.index) }));
}

/** How many leaves are committed, published or not. */
export async function logSize(db: Queryable): Promise<number> {
  return Number((await db.as<LedgerTables>().selectFrom('ledger_head').select('size').executeTakeFirstOrThrow()).size);
}

/** Organisations that may read any of the leaves [from, to). */
export async function readersBetween(db: Queryable, from: number, to: number): Promise<Set<string>> {
  const rows = await db.as<LedgerTables>().selectFrom('ledger_readers').select('org').distinct()
    .where('index', '>=', String(from)).where('index', '<', String(to)).execute();
  return new Set(rows.map(({ org }) => org));
}

/** Facts that an organisation may read. */
export async function factCountOf(db: Queryable, org: string): Promise<number> {
  const row = await db.as<LedgerTables>().selectFrom('ledger_readers').select((eb) => eb.fn.countAll<string>().as('n'))
    .where('org', '=', org).executeTakeFirst();
  return Number(row?.n ?? 0);
}

/** A successor reads what its predecessor might: the record goes on. */
export async function passOnReaders(db: Queryable, from: string, to: string): Promise<void> {
  await sql`insert into ledger_readers (org, index) select ${to}, index from ledger_readers where org = ${from}
    on conflict do nothing`.execute(db.as<LedgerTables>());
}

export interface UnderClause {
  readonly index: number;
  readonly class: string;
  readonly at: string;
  readonly clause: string;
}

/**
 * What was done under the clauses of an agreement: how many facts name one, and the latest of them, newest first. For who
 * answers for it; the caller checks that.
 */
export async function factsUnder(
  db: Queryable, agreement: string, limit: number, between: { from?: string; to?: string } = {},
): Promise<{ count: number; latest: UnderClause[]; byClause: { clause: string; class: string; count: number }[] }> {
  const rows = sql<{ index: string; class: string; at: string; clause: string }>`
    select o.index, o.class, o.at, c ->> 'clause' as clause from ledger_openings o,
      jsonb_array_elements(o.fact::jsonb -> 'clauses') c
    where o.fact like ${`%"agreementId":"${agreement}"%`} and c ->> 'agreementId' = ${agreement}
      and (${between.from ?? null}::timestamptz is null or o.at >= ${between.from ?? null}::timestamptz)
      and (${between.to ?? null}::timestamptz is null or o.at < ${between.to ?? null}::timestamptz)`;
  const tables = db.as<LedgerTables>();
  const counted = await sql<{ clause: string; class: string; n: string }>`
    select clause, class, count(*) as n from (${rows}) f group by clause, class order by clause, class`.execute(tables);
  const latest = await sql<{ index: string; class: string; at: string; clause: string }>`
    select * from (${rows}) f order by index desc limit ${limit}`.execute(tables);
  const byClause = counted.rows.map((r) => ({ clause: r.clause, class: r.class, count: Number(r.n) }));
  return {
    count: byClause.reduce((sum, r) => sum + r.count, 0), byClause,
    latest: latest.rows.map((r) => ({ index: Number(r.index), class: r.class, at: r.at, clause: r.clause })),
  };
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
  // Nobody sequences meanwhile: a leaf made with the key that is being erased would keep its opening.
  await tables.selectFrom('ledger_head').select('id').where('id', '=', 1).forUpdate().execute();
  const openings = tables.selectFrom('ledger_openings').select('index').where('subject', '=', subject);
  await tables.deleteFrom('ledger_readers').where('index', 'in', openings).execute();
  await tables.deleteFrom('ledger_openings').where('subject', '=', subject).execute();
  await tables.updateTable('ledger_subject_keys').set({ key: null, erased_at: at }).where('subject', '=', subject)
    .execute();
}
