/** Objects and their versions as people ask for them. Whatever shows one to somebody takes a reach. */
import { sql } from 'kysely';
import type { StixObject } from '#kit/stix/object';
import type { Queryable } from '#world/db/port';
import { within, type Reach } from '../gate.ts';
import type { ObjectRow, Quarantined } from '../model/exchange.ts';
import { labelOf } from '../rules/tlp.ts';
import { tables } from './schema.ts';

/** Marking definitions that a holder has, for reading what refers to them. */
export async function markingDefinitionsOf(q: Queryable, scope: string): Promise<StixObject[]> {
  const { rows } = await sql<{ body: string }>`select v.body from exchange_object o join exchange_version v on v.obj = o.obj
    where o.scope = ${scope} and o.typ = 'marking-definition' and v.body is not null limit 10000`.execute(tables(q));
  return rows.map((r) => JSON.parse(r.body) as StixObject);
}

interface Shown {
  obj: string; ver: string; seq: string; stix_id: string; typ: string; name: string; tlp: number; said: string; revoked: boolean; scope: string;
}
const rowOf = (r: Shown): ObjectRow => ({
  id: r.stix_id, type: r.typ, name: r.name, tlp: labelOf(r.tlp), said: r.said, revoked: r.revoked, owner: r.scope,
  addedAt: new Date(Math.floor(Number(r.seq) / 1000)).toISOString(),
});

/** Words as a question: each typed word is the beginning of one that is there; what is no word asks for nothing. */
export function questionOf(text: string): string | null {
  const words = text.normalize('NFC').split(/[^\p{L}\p{N}\p{M}_.:/@-]+/u).filter((w) => /[\p{L}\p{N}]/u.test(w)).slice(0, 12);
  return words.length === 0 ? null : words.map((w) => `'${w.replaceAll(/['\\]/g, '')}':*`).join(' & ');
}

const joining = ['relationship', 'sighting', 'marking-definition', 'extension-definition', 'language-content'];

export interface Search {
  readonly words: string | null;
  readonly type: string | null;
  readonly before: number | null;
  readonly limit: number;
}

/** The newest objects within reach that a question finds. */
export async function search(q: Queryable, reach: Reach, { words, type, before, limit }: Search): Promise<{ row: ObjectRow; seq: number }[]> {
  const conditions = [within(reach), sql`e.superseded_seq is null`, sql`not e.outdated`];
  // What joins others is found by asking for its type: it has no name of its own.
  conditions.push(type === null ? sql`e.typ <> all(${joining}::text[])` : sql`e.typ = ${type}`);
  if (before !== null) conditions.push(sql`e.seq < ${String(before)}::bigint`);
  if (words !== null) conditions.push(sql`d.words @@ to_tsquery('simple', ${words})`);
  const { rows } = await sql<Shown>`select e.obj, e.ver, e.seq, o.stix_id, o.typ, d.name, e.tlp, v.said, v.revoked, o.scope
    from exchange_entry e join exchange_doc d on d.obj = e.obj join exchange_object o on o.obj = e.obj join exchange_version v on v.ver = e.ver
    where ${sql.join(conditions, sql` and `)} order by e.seq desc limit ${limit}`.execute(tables(q));
  return rows.map((r) => ({ row: rowOf(r), seq: Number(r.seq) }));
}

export interface Found { readonly obj: string; readonly scope: string; readonly ver: string; readonly row: ObjectRow; readonly body: string | null }

/** The last version of an object that is within reach: one's own before another's. */
export async function objectWithin(q: Queryable, reach: Reach, org: string, id: string): Promise<Found | null> {
  const { rows } = await sql<Shown & { body: string | null }>`select e.obj, e.ver, e.seq, o.stix_id, o.typ, d.name, e.tlp, v.said, v.revoked, o.scope, v.body
    from exchange_object o join exchange_entry e on e.obj = o.obj join exchange_doc d on d.obj = e.obj join exchange_version v on v.ver = e.ver
    where o.stix_id = ${id} and e.superseded_seq is null and not e.outdated and ${within(reach)}
    order by o.scope <> ${org}, e.us desc, e.rest desc, e.seq limit 1`.execute(tables(q));
  const [r] = rows;
  return r ? { obj: String(r.obj), scope: r.scope, ver: String(r.ver), row: rowOf(r), body: r.body } : null;
}

export interface VersionShown {
  readonly said: string; readonly receivedUs: number; readonly source: string | null; readonly tlp: number; readonly revoked: boolean;
  readonly spec: number; readonly bytes: number;
}

/** Versions of an object that are within reach, the newest first. */
export async function versionsWithin(q: Queryable, reach: Reach, obj: string): Promise<VersionShown[]> {
  const { rows } = await sql<{ said: string; received_us: string; source: string | null; tlp: number; revoked: boolean; spec: number; bytes: number }>`
    select distinct on (e.us, e.rest, e.spec) v.said, v.received_us, s.name as source, v.tlp, v.revoked, v.spec, e.bytes
    from exchange_entry e join exchange_version v on v.ver = e.ver left join exchange_source s on s.id = v.source
    where e.obj = ${obj}::bigint and ${within(reach)} order by e.us desc, e.rest desc, e.spec desc, e.seq limit 200`.execute(tables(q));
  return rows.map((r) => ({ ...r, receivedUs: Number(r.received_us) }));
}

/** Whether a person is among those for whose eyes an object is. */
export async function namedEye(q: Queryable, obj: string, person: string): Promise<boolean> {
  const { rows } = await sql`select 1 from exchange_named where obj = ${obj}::bigint and person = ${person}`.execute(tables(q));
  return rows.length > 0;
}

/** Where an object of one's own is shown, and since when. */
export async function placesOf(q: Queryable, obj: string): Promise<{ coll: number; sinceUs: number }[]> {
  const { rows } = await sql<{ coll: number; since: string }>`select e.coll, min(e.seq) as since from exchange_entry e
    where e.obj = ${obj}::bigint group by e.coll order by e.coll`.execute(tables(q));
  return rows.map((r) => ({ coll: r.coll, sinceUs: Number(r.since) }));
}

export interface NeighbourRow { readonly relation: string; readonly direction: 'to' | 'from'; readonly id: string; readonly name: string | null }

/**
 * What an object names, and what names it: an edge is seen where the object that states it is within reach. Of an end that is not,
 * nothing but its id is told, which the reader has already.
 */
export async function neighboursWithin(q: Queryable, reach: Reach, scope: string, id: string, limit: number): Promise<NeighbourRow[]> {
  const visible = (obj: string) => sql`exists (select 1 from exchange_entry e where e.obj = ${sql.ref(obj)} and e.superseded_seq is null
    and not e.outdated and ${within(reach)})`;
  const { rows } = await sql<NeighbourRow>`select g.relation, case when g.src = ${id} then 'to' else 'from' end as direction,
      case when g.src = ${id} then g.dst else g.src end as id, case when o.obj is not null and ${visible('o.obj')} then d.name end as name
    from (
      (select * from exchange_edge a where a.scope = ${scope} and a.src = ${id} and ${visible('a.obj')} order by a.obj limit ${limit})
      union (select * from exchange_edge b where b.scope = ${scope} and b.dst = ${id} and ${visible('b.obj')} order by b.obj limit ${limit})) g
    left join exchange_object o on o.scope = ${scope} and o.stix_id = case when g.src = ${id} then g.dst else g.src end
    left join exchange_doc d on d.obj = o.obj
    order by g.relation, id limit ${limit}`.execute(tables(q));
  return rows;
}

interface QuarantineShown {
  id: string; stix_id: string; said: string; reason: string; source: string; at: string; state: string; decided_by: string | null;
  decided_at: string | null; note: string | null; body: string; kept_body: string | null;
}
const asideOf = (r: QuarantineShown): Quarantined => ({
  id: r.id, stixId: r.stix_id, said: r.said, reason: r.reason as Quarantined['reason'], source: r.source, at: r.at, state: r.state as Quarantined['state'],
  decidedBy: r.decided_by, decidedAt: r.decided_at, note: r.note, offered: r.body, kept: r.kept_body,
});

/** What a holder has set aside, the newest first. */
export async function setAsideOf(q: Queryable, scope: string, open: boolean, before: string | null, limit: number): Promise<Quarantined[]> {
  const { rows } = await sql<QuarantineShown>`select x.*, s.name as source, coalesce(v.body, f.body) as kept_body
    from exchange_quarantine x join exchange_source s on s.id = x.source left join exchange_version v on v.ver = x.kept
    left join lateral (select w.body from exchange_object o join exchange_version w on w.obj = o.obj
      where x.kept is null and o.scope = x.scope and o.stix_id = x.stix_id order by w.us desc, w.ver limit 1) f on true
    where x.scope = ${scope} and (x.state = 'open') = ${open} ${before === null ? sql`` : sql`and x.id < ${before}`}
    order by x.id desc limit ${limit}`.execute(tables(q));
  return rows.map(asideOf);
}

export async function asideById(q: Queryable, scope: string, id: string): Promise<{ shown: Quarantined; sourceId: string; tlp: number } | null> {
  const { rows } = await sql<QuarantineShown & { source_id: string; tlp: number }>`select x.*, x.source as source_id, s.name as source, v.body as kept_body
    from exchange_quarantine x join exchange_source s on s.id = x.source left join exchange_version v on v.ver = x.kept
    where x.scope = ${scope} and x.id = ${id}`.execute(tables(q));
  const [r] = rows;
  return r ? { shown: asideOf(r), sourceId: r.source_id, tlp: r.tlp } : null;
}

/** Closes an open case; false where somebody was faster. */
export async function closeAside(
  tx: Queryable, scope: string, id: string, decided: { state: 'left' | 'taken'; by: string; at: string; note: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('exchange_quarantine')
    .set({ state: decided.state, decided_by: decided.by, decided_at: decided.at, note: decided.note })
    .where('scope', '=', scope).where('id', '=', id).where('state', '=', 'open').executeTakeFirst();
  return numUpdatedRows > 0n;
}
