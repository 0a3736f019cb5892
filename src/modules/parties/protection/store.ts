/** The tables of data protection: holds and tombstones. Every read takes the organisation's scope. */
import { sql } from 'kysely';
import { Refusal } from '#kit/refusal';
import type { Migration, Queryable } from '#world/db/port';
import { erasedName } from '../model.ts';
import type { Hold, Tombstone } from './model.ts';

interface HoldRow {
  id: string; org: string; subject: string; reason: string; placed_by: string; placed_at: string; lifted_by: string | null;
  lifted_at: string | null;
}
interface TombstoneRow { id: string; org: string; class: string; subject: string; sha256: string; why: string; removed_at: string }
interface Tables { legal_holds: HoldRow; tombstones: TombstoneRow }

export const protectionMigrations: readonly Migration[] = [
  {
    name: 'parties/010-protection',
    sql: `create table legal_holds (
      id text primary key, org text not null references organisations (id), subject text not null, reason text not null,
      placed_by text not null, placed_at timestamptz not null, lifted_by text, lifted_at timestamptz);
    create index legal_holds_subject on legal_holds (org, subject) where lifted_at is null;
    create table tombstones (
      id text primary key, org text not null references organisations (id), class text not null, subject text not null,
      sha256 text not null, why text not null, removed_at timestamptz not null);
    create index tombstones_org on tombstones (org, removed_at desc);`,
  },
];

const t = (q: Queryable) => q.as<Tables>();

const holdOf = (row: HoldRow): Hold => ({
  id: row.id, subject: row.subject, reason: row.reason, placedBy: row.placed_by, placedAt: row.placed_at,
  liftedBy: row.lifted_by, liftedAt: row.lifted_at,
});

export async function insertHold(q: Queryable, org: string, hold: Hold): Promise<void> {
  await t(q).insertInto('legal_holds').values({
    id: hold.id, org, subject: hold.subject, reason: hold.reason, placed_by: hold.placedBy, placed_at: hold.placedAt,
    lifted_by: null, lifted_at: null,
  }).execute();
}

/** Those in force first, newest first. */
export async function holdsOf(q: Queryable, scope: string, subject?: string): Promise<Hold[]> {
  let query = t(q).selectFrom('legal_holds').selectAll().where('org', '=', scope)
    .orderBy(sql`lifted_at is not null`).orderBy('placed_at', 'desc').limit(500);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  return (await query.execute()).map(holdOf);
}

/** Held until the transaction ends, so that it is lifted once. */
export async function holdById(tx: Queryable, scope: string, id: string): Promise<Hold | null> {
  const row = await t(tx).selectFrom('legal_holds').selectAll().where('org', '=', scope).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? holdOf(row) : null;
}

/** Whether anything of a person must stay. */
export async function isHeld(q: Queryable, scope: string, person: string): Promise<boolean> {
  const row = await t(q).selectFrom('legal_holds').select('id').where('org', '=', scope).where('lifted_at', 'is', null)
    .where('subject', 'in', [scope, person]).limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function liftHold(tx: Queryable, scope: string, id: string, by: string, at: string): Promise<void> {
  await t(tx).updateTable('legal_holds').set({ lifted_by: by, lifted_at: at }).where('org', '=', scope).where('id', '=', id).execute();
}

export async function insertTombstones(tx: Queryable, stones: readonly (Tombstone & { readonly org: string })[]): Promise<void> {
  if (stones.length === 0) return;
  await t(tx).insertInto('tombstones').values(stones.map((s) => ({
    id: s.id, org: s.org, class: s.class, subject: s.subject, sha256: s.sha256, why: s.why, removed_at: s.removedAt,
  }))).execute();
}

export async function tombstonesOf(q: Queryable, scope: string, most: number): Promise<Tombstone[]> {
  const rows = await t(q).selectFrom('tombstones').selectAll().where('org', '=', scope)
    .orderBy('removed_at', 'desc').orderBy('id').limit(most).execute();
  return rows.map((r) => ({ id: r.id, class: r.class, subject: r.subject, sha256: r.sha256, why: r.why as Tombstone['why'], removedAt: r.removed_at }));
}

/** What a person's own records say, as one text for the digest; then they are gone, but for the id that others refer to. */
export async function erasePerson(tx: Queryable, scope: string, person: string): Promise<string> {
  const { rows } = await sql<{ text: string }>`select p::text as text from people p where id = ${person} and organisation = ${scope}
    union all select k::text from passkeys k where person = ${person}
    union all select s::text from sessions s where person = ${person}
    union all select o::text from tokens o where person = ${person}`.execute(tx.as<object>());
  for (const table of ['passkeys', 'passkey_history', 'sessions', 'tokens']) {
    await sql`delete from ${sql.table(table)} where person = ${person}`.execute(tx.as<object>());
  }
  await sql`delete from invitations where organisation = ${scope} and email is not null
    and lower(email) = (select lower(email) from people where id = ${person})`.execute(tx.as<object>());
  await sql`update approvals set reason = 'erased' where requester = ${person}`.execute(tx.as<object>());
  await sql`update people set name = ${erasedName}, email = null, roles = '{}' where id = ${person} and organisation = ${scope}`
    .execute(tx.as<object>());
  return rows.map((row) => row.text).sort().join('\n');
}

/** Throws where a hold of any organisation keeps what there is of a subject: for whoever erases across organisations. */
export async function refuseHeld(tx: Queryable, subject: string): Promise<void> {
  const { rows } = await sql`select 1 from legal_holds where lifted_at is null and (subject = ${subject}
    or subject = org and org = (select organisation from people where id = ${subject})) limit 1`.execute(tx.as<object>());
  if (rows.length > 0) throw held();
}

export const held = (): Refusal =>
  new Refusal('conflict', 'subject.held', 'A legal hold keeps what the hub holds on this subject.', { ask: 'the people who may lift it' });
