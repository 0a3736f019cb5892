/**
 * What an organisation holds in the exchange passes to its successor, in the transaction of the succession. Where both hold the same
 * object the successor's stays and takes over versions, places and words of the other; a version that both have with different bodies
 * is set aside like any other contradiction. Logs that others follow keep their numbers; the own library's entries are put behind the
 * successor's own. What is RED stays with the people who were named for it: nobody inherits eyes.
 */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { lockLog, numbers, setSuperseded } from './log.ts';
import { tables } from './schema.ts';

interface Passing { readonly from: string; readonly to: string; readonly nowUs: number; readonly newId: () => string }

export async function passOnExchange(tx: Queryable, passing: Passing): Promise<void> {
  const { from, to } = passing;
  const own = await ownOf(tx, [from, to]);
  for (const coll of [...own.values()].sort((a, b) => a - b)) await lockLog(tx, coll);
  await passOnSources(tx, from, to);
  const moved = await mergeObjects(tx, passing);
  await passOnCollections(tx, passing, own, moved);
  await passOnRest(tx, from, to);
}

/** How much an organisation holds. */
export async function exchangeSize(q: Queryable, scope: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from exchange_object where scope = ${scope}`.execute(tables(q));
  return Number(rows[0]?.n ?? 0);
}

/** Numbers of the own collections, by `org kind`. */
async function ownOf(tx: Queryable, orgs: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ coll: number; scope: string; kind: string }>`select coll, scope, kind from exchange_collection
    where scope = any(${orgs}::text[]) and kind <> 'shared'`.execute(tables(tx));
  return new Map(rows.map((r) => [`${r.scope} ${r.kind}`, r.coll]));
}

/** Sources keep their numbers, so that who brought an object still does. One of a name that the successor has too speaks for the other. */
async function passOnSources(tx: Queryable, from: string, to: string): Promise<void> {
  // A source of its own is the successor's own: what was made by either was made by it.
  await sql`update exchange_source s set speaks_for = array(select distinct x from unnest(s.speaks_for || f.id || f.speaks_for) as x order by x)
    from exchange_source f where f.scope = ${from} and s.scope = ${to} and f.name = s.name`.execute(tables(tx));
  await sql`update exchange_source f set scope = ${to}, name = case when exists (
      select 1 from exchange_source s where s.scope = ${to} and s.name = f.name) then f.name || '-' || right(f.id, 6) else f.name end
    where f.scope = ${from}`.execute(tables(tx));
  // With others it is the partner whom they knew by the old name.
  await sql`update exchange_source s set speaks_for = array(select distinct x from unnest(s.speaks_for || f.id || f.speaks_for) as x order by x)
    from exchange_source f where f.scope = s.scope and f.kind = 'partner' and f.name = ${from} and s.name = ${to}`.execute(tables(tx));
  await sql`update exchange_source f set name = ${to} where f.kind = 'partner' and f.name = ${from} and not exists (
      select 1 from exchange_source s where s.scope = f.scope and s.name = ${to})`.execute(tables(tx));
  await sql`update exchange_source set org = ${to} where org = ${from}`.execute(tables(tx));
}

/** Objects that the successor holds too become its own; the others change their holder. Answers which of its objects have grown. */
async function mergeObjects(tx: Queryable, { from, to, newId }: Passing): Promise<string[]> {
  const { rows: both } = await sql<{ f: string; t: string }>`select f.obj as f, t.obj as t from exchange_object f
    join exchange_object t on t.stix_id = f.stix_id and t.scope = ${to} where f.scope = ${from} order by f.obj`.execute(tables(tx));
  for (const { f, t } of both) await mergeOne(tx, { f, t, to, newId });
  for (const table of ['object', 'version', 'doc', 'atom', 'edge'] as const) {
    await sql`update ${sql.table(`exchange_${table}`)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
  return both.map((b) => String(b.t));
}

async function mergeOne(tx: Queryable, { f, t, to, newId }: { f: string; t: string; to: string; newId: () => string }): Promise<void> {
  const { rows: same } = await sql<{ mine: string; theirs: string; differs: boolean; said: string; source: string; body: string | null; digest: string;
    tlp: number; stix_id: string }>`select a.ver as theirs, b.ver as mine, a.digest <> b.digest as differs, a.said, a.source, a.body, a.digest, a.tlp, o.stix_id
    from exchange_version a join exchange_version b on b.obj = ${t}::bigint and b.us = a.us and b.rest = a.rest and b.spec = a.spec
    join exchange_object o on o.obj = a.obj where a.obj = ${f}::bigint`.execute(tables(tx));
  for (const v of same) {
    if (v.differs && v.body !== null) {
      await sql`insert into exchange_quarantine (id, scope, stix_id, said, reason, source, kept, tlp, body, digest, at, state)
        values (${newId()}, ${to}, ${v.stix_id}, ${v.said}, 'same-version-other-body', ${v.source}, ${v.mine}::bigint, ${v.tlp}::smallint, ${v.body},
          ${v.digest}, now(), 'open') on conflict do nothing`.execute(tables(tx));
    }
    await sql`update exchange_entry set ver = ${v.mine}::bigint where ver = ${v.theirs}::bigint`.execute(tables(tx));
    await sql`delete from exchange_version where ver = ${v.theirs}::bigint`.execute(tables(tx));
  }
  for (const table of ['version', 'entry', 'retraction', 'recall_object', 'recall_copy', 'sighting'] as const) {
    await sql`update ${sql.table(`exchange_${table}`)} set obj = ${t}::bigint where obj = ${f}::bigint`.execute(tables(tx));
  }
  await sql`update exchange_named n set obj = ${t}::bigint where obj = ${f}::bigint and not exists (
    select 1 from exchange_named m where m.obj = ${t}::bigint and m.person = n.person)`.execute(tables(tx));
  await sql`update exchange_outcome n set obj = ${t}::bigint where obj = ${f}::bigint and not exists (
    select 1 from exchange_outcome m where m.obj = ${t}::bigint and m.reporter = n.reporter)`.execute(tables(tx));
  await sql`insert into exchange_sighting_day (obj, kind, aud, holder, day, n, first_us, last_us)
    select ${t}::bigint, kind, aud, ${to}, day, n, first_us, last_us from exchange_sighting_day where obj = ${f}::bigint
    on conflict (obj, kind, aud, day) do update set n = exchange_sighting_day.n + excluded.n,
      first_us = least(exchange_sighting_day.first_us, excluded.first_us), last_us = greatest(exchange_sighting_day.last_us, excluded.last_us)`
    .execute(tables(tx));
  await takeNewest(tx, f, t);
  for (const table of ['named', 'outcome', 'sighting_day', 'doc', 'atom', 'edge', 'object'] as const) {
    await sql`delete from ${sql.table(`exchange_${table}`)} where obj = ${f}::bigint`.execute(tables(tx));
  }
}

/** What it is found by is what its last version says, whoever held that. */
async function takeNewest(tx: Queryable, f: string, t: string): Promise<void> {
  const { rows } = await sql<{ newer: boolean }>`select (f.top_us, f.top_rest) > (t.top_us, t.top_rest) as newer from exchange_object f, exchange_object t
    where f.obj = ${f}::bigint and t.obj = ${t}::bigint`.execute(tables(tx));
  if (rows[0]?.newer === true) {
    for (const table of ['doc', 'atom', 'edge'] as const) {
      await sql`delete from ${sql.table(`exchange_${table}`)} where obj = ${t}::bigint`.execute(tables(tx));
      await sql`update ${sql.table(`exchange_${table}`)} set obj = ${t}::bigint where obj = ${f}::bigint`.execute(tables(tx));
    }
  }
  // The highest label that either knew of holds, and what either called back stays called back.
  await sql`update exchange_object t set top_us = greatest(t.top_us, f.top_us), top_tlp = greatest(t.top_tlp, f.top_tlp),
    top_rest = case when (f.top_us, f.top_rest) > (t.top_us, t.top_rest) then f.top_rest else t.top_rest end,
    revoked_us = coalesce(t.revoked_us, f.revoked_us), recalled = coalesce(t.recalled, f.recalled)
    from exchange_object f where f.obj = ${f}::bigint and t.obj = ${t}::bigint`.execute(tables(tx));
}

/** Collections keep their numbers; the own ones are joined where the successor has its own. */
async function passOnCollections(tx: Queryable, { from, to, nowUs }: Passing, own: ReadonlyMap<string, number>, grown: readonly string[]): Promise<void> {
  for (const kind of ['library', 'eyes'] as const) {
    const [theirs, mine] = [own.get(`${from} ${kind}`), own.get(`${to} ${kind}`)];
    if (theirs === undefined || mine === undefined) continue;
    const { rows: moving } = await sql<{ obj: string }>`select distinct obj from exchange_entry where coll = ${theirs}`.execute(tables(tx));
    await sql`delete from exchange_entry e where e.coll = ${theirs} and exists (
      select 1 from exchange_entry m where m.coll = ${mine} and m.ver = e.ver)`.execute(tables(tx));
    for (const table of ['entry', 'retraction'] as const) {
      const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(`exchange_${table}`)} where coll = ${theirs}`.execute(tables(tx));
      const count = Number(rows[0]?.n ?? 0);
      if (count === 0) continue;
      const first = await numbers(tx, mine, count, nowUs);
      await sql`update ${sql.table(`exchange_${table}`)} e set coll = ${mine}, seq = n.seq from (
          select seq as old, ${String(first - 1)}::bigint + row_number() over (order by seq) as seq
          from ${sql.table(`exchange_${table}`)} where coll = ${theirs}) n
        where e.coll = ${theirs} and e.seq = n.old`.execute(tables(tx));
    }
    // Who superseded whom is told by numbers of the log, which are others now.
    await setSuperseded(tx, mine, moving.map((r) => String(r.obj)));
    await sql`update exchange_status set coll = ${mine} where coll = ${theirs}`.execute(tables(tx));
    await sql`delete from exchange_head where coll = ${theirs}`.execute(tables(tx));
    await sql`delete from exchange_collection where coll = ${theirs}`.execute(tables(tx));
  }
  await sql`update exchange_collection set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update exchange_collection set partner = ${to} where partner = ${from}`.execute(tables(tx));
  // What the two shared with each other is shared with nobody now.
  await sql`update exchange_collection set closed_at = coalesce(closed_at, now()) where scope = ${to} and partner = ${to}`.execute(tables(tx));
  const { rows: shared } = await sql<{ coll: number }>`select distinct e.coll from exchange_entry e where e.obj = any(${grown}::bigint[])`.execute(tables(tx));
  for (const { coll } of shared) await setSuperseded(tx, coll, grown);
}

async function passOnRest(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`delete from exchange_quarantine f where f.scope = ${from} and f.state = 'open' and exists (select 1 from exchange_quarantine t
    where t.scope = ${to} and t.state = 'open' and t.stix_id = f.stix_id and t.digest = f.digest)`.execute(tables(tx));
  await sql`update exchange_warninglist w set name = w.name || '-' || right(w.id, 6) where w.scope = ${from} and exists (
    select 1 from exchange_warninglist t where t.scope = ${to} and t.name = w.name)`.execute(tables(tx));
  await sql`delete from exchange_sighting f where f.scope = ${from} and exists (
    select 1 from exchange_sighting t where t.scope = ${to} and t.id = f.id)`.execute(tables(tx));
  for (const table of ['quarantine', 'warninglist', 'community', 'recall', 'export', 'release', 'outcome', 'sighting', 'status'] as const) {
    await sql`update ${sql.table(`exchange_${table}`)} set scope = ${to} where scope = ${from}`.execute(tables(tx));
  }
  await sql`update exchange_sighting set holder = ${to} where holder = ${from}`.execute(tables(tx));
  await sql`update exchange_sighting_day set holder = ${to} where holder = ${from}`.execute(tables(tx));
  await sql`insert into exchange_sighting_day (obj, kind, aud, holder, day, n, first_us, last_us)
    select obj, kind, ${to}, holder, day, n, first_us, last_us from exchange_sighting_day where aud = ${from}
    on conflict (obj, kind, aud, day) do update set n = exchange_sighting_day.n + excluded.n,
      first_us = least(exchange_sighting_day.first_us, excluded.first_us), last_us = greatest(exchange_sighting_day.last_us, excluded.last_us)`
    .execute(tables(tx));
  await sql`delete from exchange_sighting_day where aud = ${from}`.execute(tables(tx));
  await sql`update exchange_status set org = ${to} where org = ${from}`.execute(tables(tx));
  await sql`update exchange_outcome set source_org = ${to} where source_org = ${from}`.execute(tables(tx));
  await sql`delete from exchange_outcome f where f.reporter = ${from} and exists (
    select 1 from exchange_outcome t where t.obj = f.obj and t.reporter = ${to})`.execute(tables(tx));
  await sql`update exchange_outcome set reporter = ${to} where reporter = ${from}`.execute(tables(tx));
  for (const table of ['recall_recipient', 'recall_copy'] as const) {
    const key = table === 'recall_copy' ? sql`t.recall = f.recall and t.coll = f.coll and t.obj = f.obj` : sql`t.recall = f.recall`;
    await sql`delete from ${sql.table(`exchange_${table}`)} f where f.org = ${from} and exists (
      select 1 from ${sql.table(`exchange_${table}`)} t where t.org = ${to} and ${key})`.execute(tables(tx));
    await sql`update ${sql.table(`exchange_${table}`)} set org = ${to} where org = ${from}`.execute(tables(tx));
  }
  await sql`update exchange_recall_recipient set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`delete from exchange_reshare f where f.asker = ${from} and f.state = 'open' and exists (select 1 from exchange_reshare t
    where t.asker = ${to} and t.source = f.source and t.object = f.object and t.recipient = f.recipient and t.state = 'open')`.execute(tables(tx));
  for (const column of ['asker', 'source', 'recipient'] as const) {
    await sql`update exchange_reshare set ${sql.ref(column)} = ${to} where ${sql.ref(column)} = ${from}`.execute(tables(tx));
  }
}
