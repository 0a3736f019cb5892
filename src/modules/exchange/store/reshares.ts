/** Requests to pass something on. Each side sees its own: the asker what it asked, the source what it was asked. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export interface ReshareRow {
  readonly id: string; readonly asker: string; readonly source: string; readonly object: string; readonly name: string; readonly tlp: number;
  readonly recipient: string; readonly recipient_name: string; readonly reason: string; readonly asked_at: string; readonly asked_by: string;
  readonly state: 'open' | 'granted' | 'refused'; readonly answered_at: string | null; readonly answered_by: string | null; readonly until: string | null;
  readonly note: string | null;
}

/** Whether it was put down: the same question that waits for its answer is asked once. */
export async function insertReshare(tx: Queryable, r: Omit<ReshareRow, 'state' | 'answered_at' | 'answered_by' | 'until' | 'note'>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('exchange_reshare').values({ ...r, state: 'open' } as never)
    .onConflict((c) => c.doNothing()).executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export interface ReshareQuery { readonly side: 'asked' | 'received'; readonly before: readonly [open: boolean, id: string] | null; readonly limit: number }

/** Open ones first, then the newest. */
export async function resharesOf(q: Queryable, org: string, { side, before, limit }: ReshareQuery): Promise<ReshareRow[]> {
  const whose = side === 'asked' ? sql`asker = ${org}` : sql`source = ${org}`;
  const after = before === null ? sql`true` : sql`((state = 'open')::int, id) < (${before[0] ? 1 : 0}, ${before[1]})`;
  const { rows } = await sql<ReshareRow>`select * from exchange_reshare where ${whose} and ${after} order by (state = 'open')::int desc, id desc limit ${limit}`
    .execute(tables(q));
  return rows;
}

export async function reshareById(q: Queryable, org: string, id: string): Promise<ReshareRow | null> {
  const { rows } = await sql<ReshareRow>`select * from exchange_reshare where id = ${id} and (asker = ${org} or source = ${org})`.execute(tables(q));
  return rows[0] ?? null;
}

export interface Answer {
  readonly state: 'granted' | 'refused'; readonly at: string; readonly by: string; readonly until: string | null; readonly note: string;
}

export async function answerReshare(tx: Queryable, source: string, id: string, { state, at, by, until, note }: Answer): Promise<boolean> {
  const { rows } = await sql`update exchange_reshare set state = ${state}, answered_at = ${at}::timestamptz, answered_by = ${by},
    until = ${until}::timestamptz, note = ${note} where id = ${id} and source = ${source} and state = 'open' returning 1`.execute(tables(tx));
  return rows.length > 0;
}

/** The permission of its source that counts now: given for a label at least as high as the one that it carries, and not past its day. */
export async function permissionFor(
  q: Queryable, { asker, object, recipient, tlp, now }: { asker: string; object: string; recipient: string; tlp: number; now: string },
): Promise<{ id: string; source: string; until: string } | null> {
  const { rows } = await sql<{ id: string; source: string; until: string }>`select id, source, until from exchange_reshare
    where asker = ${asker} and object = ${object} and recipient = ${recipient} and state = 'granted' and until > ${now}::timestamptz
      and tlp >= ${tlp}::smallint order by until desc limit 1`.execute(tables(q));
  return rows[0] ?? null;
}

/** An object of a holder as it may be put elsewhere: who it came from, and its last version. Nothing of what is RED or called back. */
export interface Passable { readonly id: string; readonly tlp: number; readonly own: boolean; readonly from: string | null; readonly body: string }

export async function passableOf(q: Queryable, scope: string, ids: readonly string[]): Promise<Passable[]> {
  const { rows } = await sql<{ stix_id: string; tlp: number; kind: string; org: string | null; body: string }>`
    select o.stix_id, o.top_tlp as tlp, s.kind, s.org, v.body from exchange_object o join exchange_source s on s.id = o.source
      join exchange_entry e on e.obj = o.obj and e.superseded_seq is null and not e.outdated
      join exchange_collection c on c.coll = e.coll and c.kind = 'library' and c.scope = ${scope}
      join exchange_version v on v.ver = e.ver
    where o.scope = ${scope} and o.stix_id = any(${ids}::text[]) and o.recalled is null and v.body is not null order by e.seq`.execute(tables(q));
  return rows.map((r) => ({ id: r.stix_id, tlp: r.tlp, own: r.kind === 'own', from: r.org === scope ? null : r.org, body: r.body }));
}
