/** Exports and releases in the records. Every read of an export takes the organisation whose it is; what goes into one takes a reach. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { within, type Reach } from '../gate.ts';
import type { Export, Release, Selection } from '../model/exports.ts';
import { tables as all } from './schema.ts';

interface ExportRow {
  id: string; scope: string; title: string; chosen: Selection; current: number; pinned: boolean; opened_at: string; opened_by: string;
  ended_at: string | null; end_reason: string | null;
}
interface ReleaseRow {
  export: string; scope: string; number: number; state: string; act: string; made_at: string; made_by: string; ends_at: string; count: number; tlp: string;
  left_out: Release['leftOut']; held: string[]; sha256: string; size_bytes: string; restores: number | null; agreed_by: string | null; colls: number[];
  objs: string[]; head_seq: string;
}
interface Tables { exchange_export: ExportRow; exchange_release: ReleaseRow }
const tables = (q: Queryable) => q.as<Tables>();

export type ExportRecord = Export & { readonly scope: string };
/** What a release was made of: collections, objects, and how far their logs were. */
export interface Made { readonly colls: readonly number[]; readonly objs: readonly string[]; readonly headSeq: number }

const exportOf = (r: ExportRow): ExportRecord => ({
  ...r.chosen, id: r.id, scope: r.scope, title: r.title, current: r.current, pinned: r.pinned, openedAt: r.opened_at, openedBy: r.opened_by,
  endedAt: r.ended_at, endReason: r.end_reason,
});
type Shown = Omit<ReleaseRow, 'colls' | 'objs' | 'head_seq'>;
const releaseOf = (r: Shown): Release => ({
  number: r.number, state: r.state as Release['state'], act: r.act as Release['act'], madeAt: r.made_at, madeBy: r.made_by, endsAt: r.ends_at,
  count: r.count, tlp: r.tlp as Release['tlp'], leftOut: r.left_out, held: r.held as Release['held'], sha256: r.sha256, sizeBytes: Number(r.size_bytes),
  restores: r.restores, agreedBy: r.agreed_by,
});
const shown = ['export', 'scope', 'number', 'state', 'act', 'made_at', 'made_by', 'ends_at', 'count', 'tlp', 'left_out', 'held', 'sha256', 'size_bytes',
  'restores', 'agreed_by'] as const;

export async function insertExport(tx: Queryable, e: ExportRecord, chosen: Selection): Promise<void> {
  await tables(tx).insertInto('exchange_export').values({
    id: e.id, scope: e.scope, title: e.title, chosen: sql`${JSON.stringify(chosen)}::jsonb` as never, current: 0, pinned: false, opened_at: e.openedAt,
    opened_by: e.openedBy, ended_at: null, end_reason: null,
  }).execute();
}

export async function exportsOf(q: Queryable, scope: string): Promise<{ export: ExportRecord; release: Release | null }[]> {
  const rows = await tables(q).selectFrom('exchange_export').selectAll().where('scope', '=', scope).orderBy('id', 'desc').limit(500).execute();
  const current = await tables(q).selectFrom('exchange_release as r').innerJoin('exchange_export as e', (j) => j.onRef('e.id', '=', 'r.export')
    .onRef('e.current', '=', 'r.number')).select(shown.map((name) => `r.${name}` as const)).where('e.scope', '=', scope).execute();
  const byExport = new Map(current.map((r) => [r.export, releaseOf(r)]));
  return rows.map((r) => ({ export: exportOf(r), release: byExport.get(r.id) ?? null }));
}

export async function exportById(q: Queryable, scope: string, id: string): Promise<ExportRecord | null> {
  const row = await tables(q).selectFrom('exchange_export').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? exportOf(row) : null;
}

/** The export, held until the transaction ends: whoever changes it goes one after the other. */
export async function holdExport(tx: Queryable, scope: string, id: string): Promise<ExportRecord | null> {
  const row = await tables(tx).selectFrom('exchange_export').selectAll().where('scope', '=', scope).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? exportOf(row) : null;
}

export async function markExport(
  tx: Queryable, id: string, marks: Partial<Pick<ExportRow, 'current' | 'pinned' | 'ended_at' | 'end_reason'>>,
): Promise<void> {
  await tables(tx).updateTable('exchange_export').set(marks).where('id', '=', id).execute();
}

/** The highest number given to a release, held ones too. */
export async function lastNumber(q: Queryable, id: string): Promise<number> {
  const row = await tables(q).selectFrom('exchange_release').select((e) => e.fn.max('number').as('n')).where('export', '=', id).executeTakeFirst();
  return Number(row?.n ?? 0);
}

export async function insertRelease(tx: Queryable, e: Pick<ExportRecord, 'id' | 'scope'>, r: Release, made: Made): Promise<void> {
  await sql`insert into exchange_release (export, scope, number, state, act, made_at, made_by, ends_at, count, tlp, left_out, held, sha256, size_bytes,
      restores, agreed_by, colls, objs, head_seq)
    values (${e.id}, ${e.scope}, ${r.number}::int, ${r.state}, ${r.act}, ${r.madeAt}::timestamptz, ${r.madeBy}, ${r.endsAt}::timestamptz, ${r.count}::int,
      ${r.tlp}, ${JSON.stringify(r.leftOut)}::jsonb, ${r.held}::text[], ${r.sha256}, ${r.sizeBytes}::bigint, ${r.restores}::int, ${r.agreedBy},
      ${made.colls}::int[], ${made.objs}::bigint[], ${String(made.headSeq)}::bigint)`.execute(tables(tx));
}

export async function releaseByNumber(q: Queryable, id: string, number: number): Promise<Release | null> {
  const row = await tables(q).selectFrom('exchange_release').select(shown).where('export', '=', id).where('number', '=', number).executeTakeFirst();
  return row ? releaseOf(row) : null;
}

export async function madeOf(q: Queryable, id: string, number: number): Promise<Made | null> {
  const row = await tables(q).selectFrom('exchange_release').select(['colls', 'objs', 'head_seq']).where('export', '=', id).where('number', '=', number)
    .executeTakeFirst();
  return row ? { colls: row.colls, objs: row.objs.map(String), headSeq: Number(row.head_seq) } : null;
}

export async function releasesPage(q: Queryable, id: string, before: number | undefined, limit: number): Promise<Release[]> {
  let query = tables(q).selectFrom('exchange_release').select(shown).where('export', '=', id).orderBy('number', 'desc').limit(limit);
  if (before !== undefined) query = query.where('number', '<', before);
  return (await query.execute()).map(releaseOf);
}

/** False where it was not held any more. */
export async function giveHeld(tx: Queryable, id: string, number: number, agreedBy: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('exchange_release').set({ state: 'given', agreed_by: agreedBy })
    .where('export', '=', id).where('number', '=', number).where('state', '=', 'held').executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What was held and is not the newest any more is given by nobody. */
export async function dropHeld(tx: Queryable, id: string): Promise<void> {
  await tables(tx).updateTable('exchange_release').set({ state: 'dropped' }).where('export', '=', id).where('state', '=', 'held').execute();
}

/** How far the logs of collections are. */
export async function headsOf(q: Queryable, colls: readonly number[]): Promise<number> {
  const { rows } = await sql<{ last: string | null }>`select max(seq) as last from exchange_head where coll = any(${colls}::int[])`.execute(all(q));
  return Number(rows[0]?.last ?? 0);
}

/** Whether all objects of a release still stand within reach, in one of its collections, not revoked and not above the label. */
export async function stillStand(q: Queryable, reach: Reach, { colls, objs }: Made, ceiling: number): Promise<boolean> {
  const { rows } = await sql<{ gone: boolean }>`select exists (select 1 from unnest(${objs}::bigint[]) as x(obj) where not exists (
    select 1 from exchange_entry e join exchange_version v on v.ver = e.ver where e.obj = x.obj and e.coll = any(${colls}::int[]) and ${within(reach)}
      and e.superseded_seq is null and not e.outdated and e.tlp <= ${ceiling}::smallint and not v.revoked)) as gone`.execute(all(q));
  return rows[0]?.gone === false;
}

/** Whether an object of a release has had another version since, in one of its collections. */
export async function changedSince(q: Queryable, { colls, objs, headSeq }: Made): Promise<boolean> {
  const { rows } = await sql<{ changed: boolean }>`select exists (select 1 from exchange_entry e where e.coll = any(${colls}::int[])
    and e.seq > ${String(headSeq)}::bigint and e.superseded_seq is null and not e.outdated and e.obj = any(${objs}::bigint[])) as changed`.execute(all(q));
  return rows[0]?.changed === true;
}

export interface Candidate {
  readonly coll: number; readonly seq: string; readonly ver: string; readonly obj: string; readonly id: string; readonly type: string; readonly name: string;
  readonly tlp: number; readonly revoked: boolean; readonly body: string | null;
}
export interface CandidateQuery {
  readonly words: string | null;
  readonly type: string | null;
  readonly after: readonly [coll: number, seq: string];
  readonly limit: number;
}

/** The last versions of what is within reach, in the order of collections and their logs. */
export async function candidates(q: Queryable, reach: Reach, { words, type, after, limit }: CandidateQuery): Promise<Candidate[]> {
  const conditions = [within(reach), sql`e.superseded_seq is null`, sql`not e.outdated`, sql`(e.coll, e.seq) > (${after[0]}::int, ${after[1]}::bigint)`];
  if (type !== null) conditions.push(sql`e.typ = ${type}`);
  if (words !== null) conditions.push(sql`d.words @@ to_tsquery('simple', ${words})`);
  const { rows } = await sql<Candidate>`select e.coll, e.seq, e.ver, e.obj, o.stix_id as id, e.typ as type,
      coalesce(d.name, '') as name, e.tlp, v.revoked, v.body
    from exchange_entry e join exchange_object o on o.obj = e.obj join exchange_version v on v.ver = e.ver left join exchange_doc d on d.obj = e.obj
    where ${sql.join(conditions, sql` and `)} order by e.coll, e.seq limit ${limit}`.execute(all(q));
  return rows.map((r) => ({ ...r, seq: String(r.seq), ver: String(r.ver), obj: String(r.obj) }));
}

/** Bodies of versions that are still within reach, in the order asked for. */
export async function bodiesOf(q: Queryable, reach: Reach, vers: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ body: string }>`select v.body from unnest(${vers}::bigint[]) with ordinality as k(ver, n)
    join exchange_version v on v.ver = k.ver where v.body is not null
      and exists (select 1 from exchange_entry e where e.ver = v.ver and e.obj = v.obj and ${within(reach)}) order by k.n`.execute(all(q));
  return rows.map((r) => r.body);
}
