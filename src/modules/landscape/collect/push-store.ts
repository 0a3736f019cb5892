/** Push keys in the records, and the signatures that were taken, for as long as each could be sent again. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { PushKey } from './push-api.ts';

interface Tables {
  landscape_push_key: {
    id: string; scope: string; feed: string; keyid: string; public_key: string; from_at: string; until_at: string | null; added_at: string;
    added_by: string; last_used_at: string | null; ended_at: string | null;
  };
  landscape_push_seen: { scope: string; feed: string; signature: string; until_at: string };
}
const tables = (db: Queryable) => db.as<Tables>();

export const pushMigrations: readonly Migration[] = [
  {
    name: 'landscape/collect-001-push-keys',
    sql: `create table landscape_push_key (
      id text primary key, scope text not null, feed text not null references landscape_feed (id), keyid text not null, public_key text not null,
      from_at timestamptz not null, until_at timestamptz, added_at timestamptz not null, added_by text not null, last_used_at timestamptz,
      ended_at timestamptz
    );
    create unique index landscape_push_key_one on landscape_push_key (feed, keyid) where ended_at is null;
    create table landscape_push_seen (
      scope text not null, feed text not null references landscape_feed (id), signature text not null, until_at timestamptz not null,
      primary key (feed, signature)
    );
    create index landscape_push_seen_until on landscape_push_seen (until_at)`,
  },
];

export async function pushKeysOf(db: Queryable, scope: string, feed: string): Promise<PushKey[]> {
  const rows = await tables(db).selectFrom('landscape_push_key').selectAll().where('scope', '=', scope).where('feed', '=', feed)
    .where('ended_at', 'is', null).orderBy('id').execute();
  return rows.map((row) => ({
    id: row.id, keyid: row.keyid, publicKey: row.public_key, from: row.from_at, until: row.until_at, addedAt: row.added_at, addedBy: row.added_by,
    lastUsedAt: row.last_used_at,
  }));
}

/** False where the feed has a key of that keyid. */
export async function insertPushKey(db: Queryable, scope: string, feed: string, key: PushKey): Promise<boolean> {
  const done = await tables(db).insertInto('landscape_push_key').values({
    id: key.id, scope, feed, keyid: key.keyid, public_key: key.publicKey, from_at: key.from, until_at: key.until, added_at: key.addedAt,
    added_by: key.addedBy, last_used_at: null, ended_at: null,
  }).onConflict((c) => c.columns(['feed', 'keyid']).where('ended_at', 'is', null).doNothing()).executeTakeFirst();
  return Number(done.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** The keyid of the key that ended now; null where there is none to end. */
export async function endPushKey(db: Queryable, scope: string, feed: string, id: string, at: string): Promise<string | null> {
  const row = await tables(db).updateTable('landscape_push_key').set({ ended_at: at }).where('scope', '=', scope).where('feed', '=', feed)
    .where('id', '=', id).where('ended_at', 'is', null).returning('keyid').executeTakeFirst();
  return row?.keyid ?? null;
}

/** Notes a signature until it can be sent no more; false where it was seen before. */
export async function notePush(
  db: Queryable, seen: { scope: string; feed: string; key: string; signature: string; until: string; now: string },
): Promise<boolean> {
  await tables(db).deleteFrom('landscape_push_seen').where('scope', '=', seen.scope).where('until_at', '<', seen.now).execute();
  const done = await tables(db).insertInto('landscape_push_seen')
    .values({ scope: seen.scope, feed: seen.feed, signature: seen.signature, until_at: seen.until })
    .onConflict((c) => c.columns(['feed', 'signature']).doNothing()).executeTakeFirst();
  if (Number(done.numInsertedOrUpdatedRows ?? 0) !== 1) return false;
  await tables(db).updateTable('landscape_push_key').set({ last_used_at: seen.now }).where('scope', '=', seen.scope).where('id', '=', seen.key).execute();
  return true;
}

export async function passOnPush(db: Queryable, from: string, to: string): Promise<void> {
  await sql`update landscape_push_key set scope = ${to} where scope = ${from}`.execute(tables(db));
  await sql`update landscape_push_seen set scope = ${to} where scope = ${from}`.execute(tables(db));
}
