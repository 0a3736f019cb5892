/** The table of held copies: agreements that another hub recorded, kept as evidence by the party that took them in. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';

export interface HeldCopy {
  readonly id: string;
  /** The organisation of this hub that holds it. */
  readonly holder: string;
  /** Log of the hub that recorded the first signature. */
  readonly origin: string;
  /** Its id on that hub: nothing here has it. */
  readonly agreement: string;
  readonly document_sha256: string;
  /** Which organisation of this hub each party is; null where it is none. */
  readonly authority: string | null;
  readonly counterpart: string | null;
  readonly title: string;
  readonly title_vi: string;
  /** The file as it was taken in, and the policy by which it was verified. */
  readonly text: string;
  readonly policy: string;
  readonly taken_at: string;
  readonly taken_by: string;
}
interface Tables { held_copies: HeldCopy }

export const copiesMigrations: readonly Migration[] = [
  {
    name: 'agreements/007-held-copies',
    sql: `create table held_copies (
      id text primary key, holder text not null references organisations (id), origin text not null, agreement text not null,
      document_sha256 text not null, authority text, counterpart text, title text not null, title_vi text not null,
      text text not null, policy text not null, taken_at text not null, taken_by text not null,
      unique (holder, origin, agreement, document_sha256));`,
  },
];

const t = (q: Queryable) => q.as<Tables>();

/** False where the holder has that text of that agreement already. */
export async function insertHeldCopy(q: Queryable, copy: HeldCopy): Promise<boolean> {
  const done = await t(q).insertInto('held_copies').values(copy).onConflict((c) => c.doNothing()).executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The copy of exactly this text that the holder has, or null. */
export async function heldAlready(
  q: Queryable, { holder, origin, agreement, document_sha256 }: Pick<HeldCopy, 'holder' | 'origin' | 'agreement' | 'document_sha256'>,
): Promise<HeldCopy | null> {
  return await t(q).selectFrom('held_copies').selectAll().where('holder', '=', holder).where('origin', '=', origin)
    .where('agreement', '=', agreement).where('document_sha256', '=', document_sha256).executeTakeFirst() ?? null;
}

/** Newest first. */
export async function heldCopies(q: Queryable, holder: string): Promise<HeldCopy[]> {
  return t(q).selectFrom('held_copies').selectAll().where('holder', '=', holder).orderBy('taken_at', 'desc').orderBy(sql`id`, 'desc')
    .limit(500).execute();
}

export async function heldCopyOf(q: Queryable, holder: string, id: string): Promise<HeldCopy | null> {
  return await t(q).selectFrom('held_copies').selectAll().where('holder', '=', holder).where('id', '=', id).executeTakeFirst() ?? null;
}
