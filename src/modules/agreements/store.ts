/** The tables of agreements: the document whole, as both sides signed it, and who its parties are. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import { organisationsKnownTo } from '#modules/parties/index';
import type { Agreement } from './model.ts';

export interface AgreementsTables {
  agreements: {
    id: string; authority: string; counterpart: string; status: string; document: Agreement; version: number;
    created_at: string;
  };
}

export const agreementsMigrations: readonly Migration[] = [
  {
    name: 'agreements/001-agreements',
    sql: `create table agreements (
      id text primary key, authority text not null references organisations (id),
      counterpart text not null references organisations (id), status text not null, document jsonb not null,
      version integer not null, created_at timestamptz not null);
    create index agreements_authority on agreements (authority);
    create index agreements_counterpart on agreements (counterpart);`,
  },
];

const t = (q: Queryable) => q.as<AgreementsTables>();

export async function insertAgreement(q: Queryable, a: Agreement): Promise<void> {
  await t(q).insertInto('agreements').values({
    id: a.id, authority: a.authority, counterpart: a.counterpart, status: a.status, version: a.version,
    document: sql`${JSON.stringify(a)}::jsonb` as never, created_at: a.createdAt,
  }).execute();
}

/** Saves a new version over exactly the one before it; false if someone was faster. */
export async function saveAgreement(q: Queryable, a: Agreement): Promise<boolean> {
  const saved = await t(q).updateTable('agreements').set({
    status: a.status, version: a.version, document: sql`${JSON.stringify(a)}::jsonb` as never,
  }).where('id', '=', a.id).where('version', '=', a.version - 1).executeTakeFirst();
  return saved.numUpdatedRows > 0n;
}

/** The agreements an organisation is a party to, newest first. */
export async function agreementsOf(q: Queryable, scope: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements').select('document')
    .where((eb) => eb.or([eb('authority', '=', scope), eb('counterpart', '=', scope)]))
    .orderBy('created_at', 'desc').orderBy('id').execute();
  return rows.map((r) => r.document);
}

export async function agreementOf(q: Queryable, scope: string, id: string): Promise<Agreement | null> {
  const row = await t(q).selectFrom('agreements').select('document').where('id', '=', id)
    .where((eb) => eb.or([eb('authority', '=', scope), eb('counterpart', '=', scope)])).executeTakeFirst();
  return row?.document ?? null;
}

/** The other party of an agreement that `org` is a party to, or null. */
export async function otherSideOf(q: Queryable, org: string, id: string): Promise<string | null> {
  const agreement = await agreementOf(q, org, id);
  if (!agreement) return null;
  return agreement.authority === org ? agreement.counterpart : agreement.authority;
}

/** All agreements between two organisations, either way round: what a decision between them rests on. */
export async function agreementsBetween(q: Queryable, one: string, other: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements').select('document')
    .where('authority', 'in', [one, other]).where('counterpart', 'in', [one, other]).orderBy('id').execute();
  return rows.map((r) => r.document);
}

/** Whether an organisation may know of another: its own, one it introduced, or the other side of any agreement. */
export async function knowsOrganisation(q: Queryable, scope: string, other: string): Promise<boolean> {
  const [introduced, agreements] = await Promise.all([organisationsKnownTo(q, scope), agreementsOf(q, scope)]);
  return introduced.some((o) => o.id === other) || agreements.some((a) => a.authority === other || a.counterpart === other);
}
