/** Files by their hash: what the rows say, and what people decided where lists contradict each other. */
import type { Migration, Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { KnownFile } from './api.ts';

interface Tables {
  landscape_file_conflict: {
    scope: string; hash: string; found_at: string; verdict: string | null; reason: string | null; decided_at: string | null; person: string | null;
  };
}

export const filesMigrations: readonly Migration[] = [
  {
    name: 'landscape/009-file-conflicts',
    sql: `create table landscape_file_conflict (
      scope text not null, hash text not null, found_at timestamptz not null, verdict text, reason text, decided_at timestamptz, person text,
      primary key (scope, hash)
    )`,
  },
];

const at = (db: Queryable) => db.as<Tables>();

type Seen = NonNullable<KnownFile['clean']>;
export interface FileSeen { readonly hash: string; readonly clean: Seen | null; readonly malicious: Seen | null }

interface SeenRow { hash: string; kind: string; feeds: string[]; names: string[]; first: number; last: number; rows: number }

const columns = `hash, kind, groupUniqArray(20)(feed) AS feeds, groupUniqArrayIf(20)(family, family != '') AS names,
  toUInt32(min(first)) AS first, toUInt32(max(last)) AS last, sum(rows) AS rows`;

function seenOf(rows: readonly SeenRow[]): FileSeen[] {
  const found = new Map<string, { clean: Seen | null; malicious: Seen | null }>();
  for (const { hash, kind, feeds, names, first, last, rows: n } of rows) {
    const one = found.get(hash) ?? { clean: null, malicious: null };
    found.set(hash, one);
    const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
    one[kind === 'clean-file' ? 'clean' : 'malicious'] = { feeds: feeds.toSorted(), names: names.toSorted(), first: iso(first), last: iso(last), rows: n };
  }
  return [...found].map(([hash, seen]) => ({ hash, ...seen }));
}

export async function filesSeen(events: Events, scope: string, hashes: readonly string[]): Promise<FileSeen[]> {
  if (hashes.length === 0) return [];
  const rows = await events.query({
    query: `SELECT ${columns} FROM file_seen WHERE scope = {scope:String} AND hash IN (SELECT arrayJoin({hashes:Array(String)})) GROUP BY hash, kind`,
    query_params: { scope, hashes },
  });
  return seenOf(await rows.json<SeenRow>());
}

/** Hashes that a list of malicious files names, in order; of what both lists name, those that people called malicious (`also`). */
export async function maliciousSeen(
  events: Events, scope: string, also: readonly string[], after: string, limit: number,
): Promise<FileSeen[]> {
  const clean = `SELECT hash FROM file_seen WHERE scope = {scope:String} AND kind = 'clean-file' AND hash > {after:String}`;
  const rows = await events.query({
    query: `SELECT ${columns} FROM file_seen WHERE scope = {scope:String} AND kind = 'malicious-file' AND hash > {after:String}
      AND (hash NOT IN (${clean}) OR hash IN (SELECT arrayJoin({also:Array(String)}))) GROUP BY hash, kind ORDER BY hash LIMIT {limit:UInt32}`,
    query_params: { scope, also, after, limit },
  });
  return seenOf(await rows.json<SeenRow>());
}

/** Hashes of a batch's rows that both lists name; at most so many as a person could ever look at. */
export async function clashesOf(events: Events, scope: string, batch: string): Promise<string[]> {
  const of = `SELECT arrayJoin([attrs['sha256'], attrs['sha1'], attrs['md5']]) AS hash FROM ev
    WHERE scope = {scope:String} AND kind IN ('clean-file', 'malicious-file') AND batch = {batch:String}`;
  const rows = await events.query({
    query: `SELECT hash FROM file_seen WHERE scope = {scope:String} AND hash IN (${of}) GROUP BY hash HAVING uniqExact(kind) = 2 ORDER BY hash LIMIT 10000`,
    query_params: { scope, batch },
  });
  return (await rows.json<{ hash: string }>()).map(({ hash }) => hash);
}

export interface Conflict {
  readonly hash: string;
  readonly foundAt: string;
  readonly decision: KnownFile['decision'];
}

function conflictOf(row: Tables['landscape_file_conflict']): Conflict {
  const decided = row.verdict !== null && row.decided_at !== null && row.person !== null;
  return {
    hash: row.hash, foundAt: row.found_at,
    decision: decided ? { verdict: row.verdict as 'clean', reason: row.reason ?? '', at: row.decided_at ?? '', person: row.person ?? '' } : null,
  };
}

/** Notes conflicts; answers those that are new. */
export async function noteConflicts(db: Queryable, scope: string, hashes: readonly string[], when: string): Promise<string[]> {
  if (hashes.length === 0) return [];
  const rows = await at(db).insertInto('landscape_file_conflict').values(hashes.map((hash) => ({
    scope, hash, found_at: when, verdict: null, reason: null, decided_at: null, person: null,
  }))).onConflict((c) => c.doNothing()).returning('hash').execute();
  return rows.map(({ hash }) => hash);
}

export async function conflictsFor(db: Queryable, scope: string, hashes: readonly string[]): Promise<Map<string, Conflict>> {
  if (hashes.length === 0) return new Map();
  const rows = await at(db).selectFrom('landscape_file_conflict').selectAll().where('scope', '=', scope).where('hash', 'in', [...hashes]).execute();
  return new Map(rows.map((row) => [row.hash, conflictOf(row)]));
}

/** Undecided first, then by hash. `after`: `0 HASH` or `1 HASH`. */
export async function conflictsOf(db: Queryable, scope: string, after: string, limit: number): Promise<{ open: number; items: Conflict[] }> {
  const [state = '', hash = ''] = after === '' ? [] : after.split(' ');
  const open = await at(db).selectFrom('landscape_file_conflict').select((eb) => eb.fn.countAll<string>().as('n'))
    .where('scope', '=', scope).where('verdict', 'is', null).executeTakeFirst();
  let query = at(db).selectFrom('landscape_file_conflict').selectAll().where('scope', '=', scope)
    .orderBy((eb) => eb.case().when('verdict', 'is', null).then(0).else(1).end()).orderBy('hash').limit(limit);
  if (after !== '') {
    query = query.where((eb) => (state === '0'
      ? eb.or([eb.and([eb('verdict', 'is', null), eb('hash', '>', hash)]), eb('verdict', 'is not', null)])
      : eb.and([eb('verdict', 'is not', null), eb('hash', '>', hash)])));
  }
  return { open: Number(open?.n ?? 0), items: (await query.execute()).map(conflictOf) };
}

/** What people called malicious though a list of clean files names it. */
export async function decidedMalicious(db: Queryable, scope: string): Promise<string[]> {
  const rows = await at(db).selectFrom('landscape_file_conflict').select('hash').where('scope', '=', scope).where('verdict', '=', 'malicious').execute();
  return rows.map(({ hash }) => hash);
}

/** False where there is no such conflict. */
export async function decideConflict(
  db: Queryable, scope: string, hash: string, decision: NonNullable<KnownFile['decision']>,
): Promise<boolean> {
  const done = await at(db).updateTable('landscape_file_conflict').set({
    verdict: decision.verdict, reason: decision.reason, decided_at: decision.at, person: decision.person,
  }).where('scope', '=', scope).where('hash', '=', hash).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export async function passOnConflicts(db: Queryable, from: string, to: string): Promise<void> {
  await at(db).updateTable('landscape_file_conflict').set({ scope: to }).where('scope', '=', from)
    .where('hash', 'not in', (eb) => eb.selectFrom('landscape_file_conflict').select('hash').where('scope', '=', to)).execute();
}
