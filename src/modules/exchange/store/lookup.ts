/** Objects by the values they state, and what warninglists say of the same values: both are found by exact keys. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { PrefixLengths } from '#kit/match/probes';
import { within, type Reach } from '../gate.ts';
import { tables } from './schema.ts';

/** Lengths of prefixes that are in use, here or on a warninglist. */
export async function lengthsInUse(q: Queryable): Promise<PrefixLengths> {
  const { rows } = await sql<{ family: number; length: number }>`select family, length from exchange_prefix`.execute(tables(q));
  const of = (family: number): number[] => rows.filter((r) => r.family === family).map((r) => r.length);
  return { v4: of(4), v6: of(6) };
}

export interface LookupGround {
  readonly lengths: PrefixLengths;
  /** Whether the asker has warninglists, and there are confidential lists that it may match against. */
  readonly benign: boolean;
  readonly blind: boolean;
}

/** What every look-up asks first, in one question. */
export async function lookupGround(q: Queryable, org: string): Promise<LookupGround> {
  const { rows: [row] } = await sql<{ v4: number[] | null; v6: number[] | null; benign: boolean; blind: boolean }>`select
    (select array_agg(length) from exchange_prefix where family = 4) as v4, (select array_agg(length) from exchange_prefix where family = 6) as v6,
    exists (select 1 from exchange_warninglist where scope = ${org}) as benign,
    exists (select 1 from exchange_blindlist where (scope = ${org} or partner = ${org}) and closed_at is null) as blind`.execute(tables(q));
  return { lengths: { v4: row?.v4 ?? [], v6: row?.v6 ?? [] }, benign: row?.benign ?? true, blind: row?.blind ?? true };
}

export interface Hit {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly tlp: number;
  readonly owner: string;
  readonly validToUs: bigint | null;
}

/** Objects of one key that are told at most: what more share one says nothing any more. */
const mostOfKey = 100;

/** Keys asked for in one statement: of many, several statements go at once. */
const keysAsked = 2_500;

/** Objects within reach that state one of the keys. */
export async function hitsOf(q: Queryable, reach: Reach, keys: readonly string[]): Promise<Hit[]> {
  const parts = Array.from({ length: Math.ceil(keys.length / keysAsked) }, (_, i) => keys.slice(i * keysAsked, (i + 1) * keysAsked));
  return (await Promise.all(parts.map((part) => hitsOfPart(q, reach, part)))).flat();
}

async function hitsOfPart(q: Queryable, reach: Reach, keys: readonly string[]): Promise<Hit[]> {
  const { rows } = await sql<{ key: string; stix_id: string; typ: string; name: string; tlp: number; scope: string; valid_to_us: string | null }>`
    select a.key, o.stix_id, o.typ, d.name, e.tlp, o.scope, a.valid_to_us
    from unnest(${keys}::uuid[]) as k(key)
    join lateral (select x.key, x.obj, x.valid_to_us from exchange_atom x where x.key = k.key limit ${mostOfKey}) a on true
    join lateral (select e.tlp from exchange_entry e where e.obj = a.obj and e.superseded_seq is null and not e.outdated and ${within(reach)}
      order by e.coll limit 1) e on true
    join exchange_object o on o.obj = a.obj join exchange_doc d on d.obj = a.obj`.execute(tables(q));
  return rows.map((r) => ({
    key: r.key.replaceAll('-', ''), id: r.stix_id, type: r.typ, name: r.name, tlp: r.tlp, owner: r.scope,
    validToUs: r.valid_to_us === null ? null : BigInt(r.valid_to_us),
  }));
}

/** Names of a holder's warninglists on which keys stand. */
export async function benignOf(q: Queryable, scope: string, keys: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (keys.length === 0) return found;
  const { rows } = await sql<{ key: string; name: string }>`select b.key, l.name from unnest(${keys}::uuid[]) as k(key)
    join exchange_benign b on b.key = k.key join exchange_warninglist l on l.id = b.list where l.scope = ${scope} order by l.name`.execute(tables(q));
  for (const { key, name } of rows) {
    const hex = key.replaceAll('-', '');
    const names = found.get(hex);
    if (names) names.push(name);
    else found.set(hex, [name]);
  }
  return found;
}

export interface ListRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly version: string;
  readonly names: number;
  readonly leftOff: number;
  readonly uploadedAt: string;
}

export async function warninglistsOf(q: Queryable, scope: string): Promise<ListRow[]> {
  const rows = await tables(q).selectFrom('exchange_warninglist').selectAll().where('scope', '=', scope).orderBy('name').execute();
  return rows.map((r) => ({
    id: r.id, name: r.name, description: r.description, kind: r.kind, version: r.version, names: r.names, leftOff: r.left_off, uploadedAt: r.uploaded_at,
  }));
}

export interface NewList extends Omit<ListRow, 'names'> {
  readonly scope: string;
  readonly by: string;
  readonly keys: readonly string[];
  readonly prefixes: readonly (readonly [family: 4 | 6, length: number])[];
}

/** Puts a list in the place of the one of its name. It counts from the commit on, also for what was taken in before. */
export async function putWarninglist(tx: Queryable, list: NewList): Promise<void> {
  const { rows } = await sql<{ id: string }>`delete from exchange_warninglist where scope = ${list.scope} and name = ${list.name} returning id`
    .execute(tables(tx));
  for (const { id } of rows) await sql`delete from exchange_benign where list = ${id}`.execute(tables(tx));
  await tables(tx).insertInto('exchange_warninglist').values({
    id: list.id, scope: list.scope, name: list.name, description: list.description, kind: list.kind, version: list.version, names: list.keys.length,
    left_off: list.leftOff, uploaded_at: list.uploadedAt, uploaded_by: list.by,
  }).execute();
  for (let at = 0; at < list.keys.length; at += 20_000) {
    await sql`insert into exchange_benign (key, list) select k.key, ${list.id} from unnest(${list.keys.slice(at, at + 20_000)}::uuid[]) as k(key)
      on conflict do nothing`.execute(tables(tx));
  }
  for (const [family, length] of new Map(list.prefixes.map((p) => [p.join('/'), p])).values()) {
    await sql`insert into exchange_prefix (family, length) values (${family}::smallint, ${length}::smallint) on conflict do nothing`.execute(tables(tx));
  }
}

/** Answers its name, or null where there is none. */
export async function dropWarninglist(tx: Queryable, scope: string, id: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`delete from exchange_warninglist where scope = ${scope} and id = ${id} returning name`.execute(tables(tx));
  if (!rows[0]) return null;
  await sql`delete from exchange_benign where list = ${id}`.execute(tables(tx));
  return rows[0].name;
}
