/** Recalls: whose they are is part of every read. Who called back sees all recipients; a recipient sees itself. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { red } from '../rules/tlp.ts';
import { tables } from './schema.ts';

export interface Callable { readonly obj: string; readonly id: string; readonly name: string; readonly tlp: number; readonly recalled: string | null }

/** Objects of a holder by their ids, of one source where it is named, as a recall names them. The name of what is RED is for its named eyes alone. */
export async function callable(q: Queryable, scope: string, ids: readonly string[], source?: string): Promise<Callable[]> {
  const { rows } = await sql<{ obj: string; stix_id: string; name: string | null; tlp: number; recalled: string | null }>`
    select o.obj, o.stix_id, d.name, o.top_tlp as tlp, o.recalled from exchange_object o left join exchange_doc d on d.obj = o.obj
    where o.scope = ${scope} and o.stix_id = any(${ids}::text[]) ${source === undefined ? sql`` : sql`and o.source = ${source}`}
    order by o.obj`.execute(tables(q));
  return rows.map((r) => ({ obj: String(r.obj), id: r.stix_id, name: r.tlp >= red ? '' : r.name ?? '', tlp: r.tlp, recalled: r.recalled }));
}

export interface Copy { readonly org: string; readonly coll: number; readonly obj: string }

/**
 * Which organisation could have had which object by which collection, now or earlier: what is still in it, and what has left it.
 * Who brought an object itself is not asked to remove it.
 */
export async function copiesOf(q: Queryable, objs: readonly string[]): Promise<Copy[]> {
  const { rows } = await sql<{ org: string; coll: number; obj: string }>`select c.partner as org, h.coll, h.obj from (
      select e.coll, e.obj from exchange_entry e where e.obj = any(${objs}::bigint[])
      union select r.coll, r.obj from exchange_retraction r where r.obj = any(${objs}::bigint[])) h
    join exchange_collection c on c.coll = h.coll join exchange_object o on o.obj = h.obj join exchange_source s on s.id = o.source
    where c.kind = 'shared' and c.partner is not null and s.org is distinct from c.partner
    order by c.partner, h.coll, h.obj`.execute(tables(q));
  return rows.map((r) => ({ org: r.org, coll: r.coll, obj: String(r.obj) }));
}

export interface NewRecall {
  readonly id: string; readonly scope: string; readonly reason: string; readonly at: string; readonly by: string; readonly endsAt: string;
}

export async function insertRecall(tx: Queryable, recall: NewRecall, objects: readonly Callable[], copies: readonly Copy[]): Promise<void> {
  await sql`insert into exchange_recall (id, scope, reason, begun_at, begun_by, ends_at)
    values (${recall.id}, ${recall.scope}, ${recall.reason}, ${recall.at}::timestamptz, ${recall.by}, ${recall.endsAt}::timestamptz)`.execute(tables(tx));
  await sql`insert into exchange_recall_object (recall, obj, stix_id, name, tlp) select ${recall.id}, n.obj, n.id, n.name, n.tlp
    from unnest(${objects.map((o) => o.obj)}::bigint[], ${objects.map((o) => o.id)}::text[], ${objects.map((o) => o.name)}::text[],
      ${objects.map((o) => o.tlp)}::smallint[]) as n(obj, id, name, tlp)`.execute(tables(tx));
  const orgs = [...new Set(copies.map((c) => c.org))];
  await sql`insert into exchange_recall_recipient (recall, org, scope) select ${recall.id}, n.org, ${recall.scope}
    from unnest(${orgs}::text[]) as n(org)`.execute(tables(tx));
  await sql`insert into exchange_recall_copy (recall, org, coll, obj) select ${recall.id}, n.org, n.coll, n.obj
    from unnest(${copies.map((c) => c.org)}::text[], ${copies.map((c) => c.coll)}::int[], ${copies.map((c) => c.obj)}::bigint[])
      as n(org, coll, obj)`.execute(tables(tx));
  await markRecalled(tx, objects.map((o) => o.obj), recall.id);
}

/** What is called back goes into nothing shared, and a recall that is lifted frees what it called back. */
export async function markRecalled(tx: Queryable, objs: readonly string[], recall: string | null): Promise<void> {
  await sql`update exchange_object set recalled = ${recall} where obj = any(${objs}::bigint[])`.execute(tables(tx));
}

export interface RecallRow {
  readonly id: string; readonly scope: string; readonly reason: string; readonly begun_at: string; readonly ends_at: string; readonly lifted_at: string | null;
}
export interface RecipientRow {
  readonly recall: string; readonly org: string; readonly scope: string; readonly delivered_at: string | null; readonly acknowledged_at: string | null;
  readonly said: string | null; readonly note: string | null; readonly overdue_at: string | null;
}

export interface Sent { readonly state: 'all' | 'outstanding' | 'overdue'; readonly before: string | null; readonly now: string; readonly limit: number }

/** What an organisation called back, the newest first. */
export async function recallsOf(q: Queryable, scope: string, { state, before, now, limit }: Sent): Promise<RecallRow[]> {
  const open = sql`exists (select 1 from exchange_recall_recipient p where p.recall = r.id and p.acknowledged_at is null)`;
  const conditions = [sql`r.scope = ${scope}`];
  if (before !== null) conditions.push(sql`r.id < ${before}`);
  if (state !== 'all') conditions.push(sql`r.lifted_at is null and ${open}`);
  if (state === 'overdue') conditions.push(sql`r.ends_at <= ${now}::timestamptz`);
  const { rows } = await sql<RecallRow>`select r.* from exchange_recall r where ${sql.join(conditions, sql` and `)} order by r.id desc limit ${limit}`
    .execute(tables(q));
  return rows;
}

export async function recallById(q: Queryable, scope: string, id: string): Promise<RecallRow | null> {
  const { rows } = await sql<RecallRow>`select * from exchange_recall where scope = ${scope} and id = ${id}`.execute(tables(q));
  return rows[0] ?? null;
}

/** Whoever was told of recalls of one's own. */
export async function recipientsOf(q: Queryable, scope: string, recalls: readonly string[]): Promise<RecipientRow[]> {
  const { rows } = await sql<RecipientRow>`select * from exchange_recall_recipient where scope = ${scope} and recall = any(${recalls}::text[])
    order by recall, org`.execute(tables(q));
  return rows;
}

export interface RecalledRow { readonly recall: string; readonly stix_id: string; readonly name: string; readonly tlp: number; readonly held: boolean }

/** What was called back; for a recipient only what it could have had, and whether its own library holds it. */
export async function recalledIn(q: Queryable, recalls: readonly string[], recipient: string | null): Promise<RecalledRow[]> {
  const had = recipient === null ? sql`true` : sql`exists (select 1 from exchange_recall_copy c
    where c.recall = o.recall and c.org = ${recipient} and c.obj = o.obj)`;
  const { rows } = await sql<RecalledRow>`select o.recall, o.stix_id, o.name, o.tlp, exists (select 1 from exchange_object m
      join exchange_entry e on e.obj = m.obj where m.scope = ${recipient ?? ''} and m.stix_id = o.stix_id) as held
    from exchange_recall_object o where o.recall = any(${recalls}::text[]) and ${had} order by o.recall, o.obj`.execute(tables(q));
  return rows;
}

/** Recalls that an organisation was told of; what it has not acknowledged first, then the newest. */
export async function receivedBy(
  q: Queryable, org: string, { open, before, limit }: { open: boolean; before: readonly [open: boolean, id: string] | null; limit: number },
): Promise<(RecallRow & RecipientRow)[]> {
  const conditions = [sql`p.org = ${org}`];
  if (open) conditions.push(sql`p.acknowledged_at is null`);
  if (before !== null) conditions.push(sql`(p.acknowledged_at is null, r.id) < (${before[0]}, ${before[1]})`);
  const { rows } = await sql<RecallRow & RecipientRow>`select r.*, p.* from exchange_recall_recipient p join exchange_recall r on r.id = p.recall
    where ${sql.join(conditions, sql` and `)} order by (p.acknowledged_at is null) desc, r.id desc limit ${limit}`.execute(tables(q));
  return rows;
}

export async function receivedById(q: Queryable, org: string, id: string): Promise<(RecallRow & RecipientRow) | null> {
  const { rows } = await sql<RecallRow & RecipientRow>`select r.*, p.* from exchange_recall_recipient p join exchange_recall r on r.id = p.recall
    where p.org = ${org} and r.id = ${id}`.execute(tables(q));
  return rows[0] ?? null;
}

/** Notes that a recipient has seen them, by sync or page: the first time counts. */
export async function noteDelivered(q: Queryable, org: string, recalls: readonly string[], at: string): Promise<void> {
  if (recalls.length === 0) return;
  await sql`update exchange_recall_recipient set delivered_at = ${at}::timestamptz
    where org = ${org} and recall = any(${recalls}::text[]) and delivered_at is null`.execute(tables(q));
}

/** A recipient's word; false where it said so before. */
export async function acknowledge(
  tx: Queryable, org: string, recall: string, word: { at: string; by: string; said: string; note: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update exchange_recall_recipient set acknowledged_at = ${word.at}::timestamptz, acknowledged_by = ${word.by},
      said = ${word.said}, note = ${word.note}, delivered_at = coalesce(delivered_at, ${word.at}::timestamptz)
    where org = ${org} and recall = ${recall} and acknowledged_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

export async function liftRecall(tx: Queryable, scope: string, id: string, word: { at: string; by: string; why: string }): Promise<boolean> {
  const { numAffectedRows } = await sql`update exchange_recall set lifted_at = ${word.at}::timestamptz, lifted_by = ${word.by}, lifted_why = ${word.why}
    where scope = ${scope} and id = ${id} and lifted_at is null`.execute(tables(tx));
  if ((numAffectedRows ?? 0n) === 0n) return false;
  await sql`update exchange_object set recalled = null where scope = ${scope} and recalled = ${id}`.execute(tables(tx));
  return true;
}

/** Recipients whose time is over and who have not been said to be late. Held until the transaction ends, so that two replicas do not say it twice. */
export async function fallOverdue(tx: Queryable, now: string): Promise<{ recall: string; org: string; scope: string }[]> {
  const { rows } = await sql<{ recall: string; org: string; scope: string }>`update exchange_recall_recipient p set overdue_at = ${now}::timestamptz
    from exchange_recall r where r.id = p.recall and r.ends_at <= ${now}::timestamptz and r.lifted_at is null
      and p.acknowledged_at is null and p.overdue_at is null returning p.recall, p.org, p.scope`.execute(tables(tx));
  return rows;
}

export interface Tombstone {
  readonly recall: string; readonly reason: string; readonly begunAt: string; readonly endsAt: string;
  readonly objects: readonly string[]; readonly tlp: number;
}

/** What an organisation has still to acknowledge of a collection, the oldest first. */
export async function tombstonesIn(q: Queryable, org: string, coll: number, limit: number): Promise<Tombstone[]> {
  const { rows } = await sql<{ id: string; reason: string; begun_at: string; ends_at: string; objects: string[]; tlp: number }>`
    select r.id, r.reason, r.begun_at, r.ends_at, array_agg(o.stix_id order by o.obj) as objects, max(o.tlp) as tlp
    from exchange_recall_recipient p join exchange_recall r on r.id = p.recall join exchange_recall_copy c on c.recall = r.id and c.org = p.org
      join exchange_recall_object o on o.recall = r.id and o.obj = c.obj
    where p.org = ${org} and p.acknowledged_at is null and r.lifted_at is null and c.coll = ${coll}::int
    group by r.id, r.reason, r.begun_at, r.ends_at order by r.id limit ${limit}`.execute(tables(q));
  return rows.map((r) => ({ recall: r.id, reason: r.reason, begunAt: r.begun_at, endsAt: r.ends_at, objects: r.objects, tlp: r.tlp }));
}

export interface RetractionRow { readonly seq: number; readonly id: string; readonly reason: string; readonly at: string }

/** What left a collection after a number. The caller's reach was asked for before. */
export async function retractionsIn(q: Queryable, coll: number, after: number, limit: number): Promise<RetractionRow[]> {
  const { rows } = await sql<{ seq: string; stix_id: string; reason: string; at: string }>`select r.seq, o.stix_id, r.reason, r.at
    from exchange_retraction r join exchange_object o on o.obj = r.obj where r.coll = ${coll}::int and r.seq > ${String(after)}::bigint
    order by r.seq limit ${limit}`.execute(tables(q));
  return rows.map((r) => ({ seq: Number(r.seq), id: r.stix_id, reason: r.reason, at: r.at }));
}

/**
 * Destroys copies of what somebody else called back: the bodies, and all by which they are found. That they were there, and the
 * digests of what they meant, stay: the same version offered again is a duplicate and not a new object.
 */
export async function destroyCopies(tx: Queryable, objs: readonly string[]): Promise<void> {
  for (const table of ['exchange_doc', 'exchange_atom', 'exchange_edge']) {
    await sql`delete from ${sql.table(table)} where obj = any(${objs}::bigint[])`.execute(tables(tx));
  }
  await sql`update exchange_version set body = null where obj = any(${objs}::bigint[])`.execute(tables(tx));
}
