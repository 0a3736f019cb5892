/**
 * The tables of blocking lists. Every read of a list takes the organisation whose list it is, or the constituents that read it.
 * Names of guard lists stand by their key under "C", so that what covers a thing is found by exact keys and what it covers by
 * one range, whatever the size of the list.
 */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Stored } from '#world/blobs/port';
import type {
  BlockingEntry, BlockingList, BlockingListShown, Collision, Edition, EditionFormat, EntryKind, EntryState,
} from '../model/blocking.ts';

interface ListRow {
  id: string; scope: string; name: string; title: string; purpose: string; tlp: string; readers: string; constituents: string[];
  created_at: string; created_by: string; edition: number; killed_at: string | null; killed_by: string | null; kill_reason: string | null;
}
interface EntryRow {
  id: string; scope: string; list: string; kind: string; value: string; ground: string; reason: string; source: string; added_by: string;
  added_at: string; expires_at: string; state: string; collides: Collision[]; agreed_by: string | null; ended_at: string | null;
  ended_by: string | null; end_reason: string | null;
}
interface EditionRow {
  list: string; number: number; made_at: string; made_by: string; act: string; why: string; entries: number; first_expiry: string | null;
  bytes: EditionBlobs; restores: number | null;
}
interface Tables { blocking_list: ListRow; blocking_entry: EntryRow; blocking_edition: EditionRow }

/** Where the bytes of each form are kept. */
export type EditionBlobs = Readonly<Record<EditionFormat, Stored>>;

export const blockingMigrations: readonly Migration[] = [
  {
    name: 'constituents/006-blocking-lists',
    sql: `create table blocking_list (
      id text primary key, scope text not null, name text not null, title text not null, purpose text not null, tlp text not null,
      readers text not null, constituents text[] not null, created_at timestamptz not null, created_by text not null,
      edition int not null, killed_at timestamptz, killed_by text, kill_reason text, unique (scope, name)
    );
    create table blocking_entry (
      id text primary key, scope text not null, list text not null references blocking_list (id), kind text not null, value text not null,
      ground text not null, reason text not null, source text not null, added_by text not null, added_at timestamptz not null,
      expires_at timestamptz not null, state text not null, collides jsonb not null, agreed_by text, ended_at timestamptz, ended_by text,
      end_reason text
    );
    create unique index blocking_entry_live on blocking_entry (list, value) where state in ('waiting', 'active');
    create index blocking_entry_of on blocking_entry (list, id);
    create index blocking_entry_due on blocking_entry (expires_at) where state in ('waiting', 'active');
    create table blocking_edition (
      list text not null references blocking_list (id), number int not null, made_at timestamptz not null, made_by text not null,
      act text not null, why text not null, entries int not null, first_expiry timestamptz, bytes jsonb not null, restores int,
      primary key (list, number)
    );
    create table blocking_guard_list (
      id text primary key, scope text not null, kind text not null, file text not null, sha256 text not null, names int not null,
      state text not null, uploaded_at timestamptz not null, uploaded_by text not null, adopted_at timestamptz
    );
    create index blocking_guard_list_of on blocking_guard_list (scope, kind, state);
    create table blocking_guard (guard text not null, key text collate "C" not null, primary key (guard, key))`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

export type ListRecord = BlockingList & { readonly scope: string };

const listOf = (row: ListRow): ListRecord => ({
  id: row.id, scope: row.scope, name: row.name, title: row.title, purpose: row.purpose as BlockingList['purpose'],
  tlp: row.tlp as BlockingList['tlp'], readers: row.readers as BlockingList['readers'], constituents: row.constituents,
  createdAt: row.created_at, edition: row.edition, killedAt: row.killed_at, killedBy: row.killed_by, killReason: row.kill_reason,
});

const entryOf = (row: EntryRow): BlockingEntry => ({
  id: row.id, kind: row.kind as EntryKind, value: row.value, ground: row.ground, reason: row.reason, source: row.source,
  addedBy: row.added_by, addedAt: row.added_at, expiresAt: row.expires_at, state: row.state as EntryState, collides: row.collides,
  agreedBy: row.agreed_by, endedAt: row.ended_at, endedBy: row.ended_by, endReason: row.end_reason,
});

export type EditionRecord = Edition & { readonly bytes: EditionBlobs };

const editionOf = (row: EditionRow): EditionRecord => ({
  number: row.number, madeAt: row.made_at, madeBy: row.made_by, act: row.act as Edition['act'], why: row.why, entries: row.entries,
  firstExpiry: row.first_expiry, sha256: row.bytes.json.sha256, restores: row.restores, bytes: row.bytes,
});

/** False where the organisation has a list of that name. */
export async function insertList(tx: Queryable, list: ListRecord, by: string): Promise<boolean> {
  const done = await tables(tx).insertInto('blocking_list').values({
    id: list.id, scope: list.scope, name: list.name, title: list.title, purpose: list.purpose, tlp: list.tlp, readers: list.readers,
    constituents: list.constituents, created_at: list.createdAt, created_by: by, edition: list.edition, killed_at: null, killed_by: null,
    kill_reason: null,
  }).onConflict((x) => x.columns(['scope', 'name']).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function listsOf(db: Queryable, scope: string, now: string, id?: string): Promise<BlockingListShown[]> {
  const live = sql`from blocking_entry e where e.list = l.id and e.expires_at > ${now}::timestamptz and e.state`;
  let query = tables(db).selectFrom('blocking_list as l').selectAll('l').where('l.scope', '=', scope).orderBy('l.name').select([
    sql<string>`(select count(*) ${live} = 'active')`.as('active'), sql<string>`(select count(*) ${live} = 'waiting')`.as('waiting'),
    sql<string>`(select count(*) ${live} = 'active' and e.collides <> '[]'::jsonb)`.as('colliding'),
    sql<string | null>`(select min(e.expires_at) ${live} = 'active')`.as('next_expiry'),
  ]);
  if (id !== undefined) query = query.where('l.id', '=', id);
  return (await query.execute()).map((row) => {
    const { scope: _scope, ...list } = listOf(row);
    return {
      ...list, active: Number(row.active), waiting: Number(row.waiting), colliding: Number(row.colliding), nextExpiry: row.next_expiry,
    };
  });
}

export async function listById(db: Queryable, scope: string, id: string): Promise<ListRecord | null> {
  const row = await tables(db).selectFrom('blocking_list').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? listOf(row) : null;
}

/** Lists of a registry that one of these constituents may read. */
export async function listsReadBy(db: Queryable, scope: string, constituents: readonly string[], id?: string): Promise<ListRecord[]> {
  let query = tables(db).selectFrom('blocking_list').selectAll().where('scope', '=', scope).where('readers', '<>', 'own').orderBy('name');
  if (id !== undefined) query = query.where('id', '=', id);
  return (await query.execute()).map(listOf)
    .filter((list) => list.readers === 'constituents' || list.constituents.some((c) => constituents.includes(c)));
}

/** The list, held until the transaction ends: whoever changes it goes one after the other. */
export async function holdList(tx: Queryable, scope: string, id: string): Promise<ListRecord | null> {
  const row = await tables(tx).selectFrom('blocking_list').selectAll().where('scope', '=', scope).where('id', '=', id).forUpdate()
    .executeTakeFirst();
  return row ? listOf(row) : null;
}

export async function saveList(
  tx: Queryable, id: string, marks: Partial<Pick<ListRow, 'edition' | 'killed_at' | 'killed_by' | 'kill_reason'>>,
): Promise<void> {
  await tables(tx).updateTable('blocking_list').set(marks).where('id', '=', id).execute();
}

/** Lists, of any organisation, in which something has ended that still counts as standing. */
export async function listsWithExpired(db: Queryable, now: string): Promise<{ id: string; scope: string }[]> {
  return tables(db).selectFrom('blocking_entry').select(['list as id', 'scope']).distinct().where('state', 'in', ['waiting', 'active'])
    .where('expires_at', '<=', now).execute();
}

export interface EntryFilter {
  readonly state?: EntryState | undefined;
  readonly q?: string | undefined;
  readonly colliding?: boolean | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function entriesPage(db: Queryable, scope: string, list: string, now: string, filter: EntryFilter): Promise<BlockingEntry[]> {
  let query = tables(db).selectFrom('blocking_entry').selectAll().where('scope', '=', scope).where('list', '=', list)
    .orderBy('id', 'desc').limit(filter.limit);
  if (filter.state !== undefined) {
    query = query.where(sql<boolean>`case when state in ('waiting', 'active') and expires_at <= ${now}::timestamptz then 'expired'
      else state end = ${filter.state}`);
  }
  if (filter.q !== undefined && filter.q !== '') query = query.where(sql<boolean>`value like ${like(filter.q.toLowerCase())}`);
  if (filter.colliding) query = query.where(sql<boolean>`collides <> '[]'::jsonb`);
  if (filter.after !== undefined) query = query.where('id', '<', filter.after);
  return (await query.execute()).map(entryOf);
}

const like = (q: string): string => `%${q.replaceAll(/[\\%_]/g, (c) => `\\${c}`)}%`;

/** What stands on a list: waits or is served, by the records and not by the clock. */
export async function standingEntries(db: Queryable, list: string, state?: 'waiting' | 'active'): Promise<BlockingEntry[]> {
  let query = tables(db).selectFrom('blocking_entry').selectAll().where('list', '=', list).where('state', 'in', ['waiting', 'active'])
    .orderBy('id');
  if (state !== undefined) query = query.where('state', '=', state);
  return (await query.execute()).map(entryOf);
}

export async function entryById(db: Queryable, scope: string, list: string, id: string): Promise<BlockingEntry | null> {
  const row = await tables(db).selectFrom('blocking_entry').selectAll().where('scope', '=', scope).where('list', '=', list)
    .where('id', '=', id).executeTakeFirst();
  return row ? entryOf(row) : null;
}

export async function insertEntries(tx: Queryable, scope: string, list: string, entries: readonly BlockingEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += 1000) {
    const rows = entries.slice(at, at + 1000).map((e) => ({
      id: e.id, scope, list, kind: e.kind, value: e.value, ground: e.ground, reason: e.reason, source: e.source, added_by: e.addedBy,
      added_at: e.addedAt, expires_at: e.expiresAt, state: e.state, collides: e.collides, agreed_by: e.agreedBy, ended_at: e.endedAt,
      ended_by: e.endedBy, end_reason: e.endReason,
    }));
    await sql`insert into blocking_entry select * from jsonb_populate_recordset(null::blocking_entry, ${JSON.stringify(rows)}::jsonb)`
      .execute(tables(tx));
  }
}

/** Ends entries: removed by somebody, or by the clock. */
export async function endEntries(
  tx: Queryable, ids: readonly string[], end: { state: 'removed' | 'expired'; at: string; by: string; reason: string },
): Promise<void> {
  await sql`update blocking_entry set state = ${end.state}, ended_at = ${end.at}::timestamptz, ended_by = ${end.by},
    end_reason = ${end.reason} where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`.execute(tables(tx));
}

/** Lets entries stand, with their ends, as of now or as of an earlier edition. */
export async function standAgain(
  tx: Queryable, entries: readonly { id: string; expiresAt: string }[], agreedBy: string | null,
): Promise<void> {
  await sql`update blocking_entry e set state = 'active', expires_at = s."expiresAt", ended_at = null, ended_by = null, end_reason = null,
    agreed_by = coalesce(${agreedBy}::text, e.agreed_by)
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as s (id text, "expiresAt" timestamptz) where e.id = s.id`
    .execute(tables(tx));
}

/** Writes down anew what entries collide with. */
export async function saveCollisions(tx: Queryable, found: readonly { id: string; collides: readonly Collision[] }[]): Promise<void> {
  await sql`update blocking_entry e set collides = s.collides
    from jsonb_to_recordset(${JSON.stringify(found)}::jsonb) as s (id text, collides jsonb) where e.id = s.id and e.collides <> s.collides`
    .execute(tables(tx));
}

export async function insertEdition(tx: Queryable, list: string, edition: EditionRecord): Promise<void> {
  await tables(tx).insertInto('blocking_edition').values({
    list, number: edition.number, made_at: edition.madeAt, made_by: edition.madeBy, act: edition.act, why: edition.why,
    entries: edition.entries, first_expiry: edition.firstExpiry, bytes: sql`${JSON.stringify(edition.bytes)}::jsonb` as never,
    restores: edition.restores,
  }).execute();
  await saveList(tx, list, { edition: edition.number });
}

export async function editionByNumber(db: Queryable, list: string, number: number): Promise<EditionRecord | null> {
  const row = await tables(db).selectFrom('blocking_edition').selectAll().where('list', '=', list).where('number', '=', number)
    .executeTakeFirst();
  return row ? editionOf(row) : null;
}

export async function editionsPage(db: Queryable, list: string, before: number | undefined, limit: number): Promise<EditionRecord[]> {
  let query = tables(db).selectFrom('blocking_edition').selectAll().where('list', '=', list).orderBy('number', 'desc').limit(limit);
  if (before !== undefined) query = query.where('number', '<', before);
  return (await query.execute()).map(editionOf);
}
