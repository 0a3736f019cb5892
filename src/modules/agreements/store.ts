/** The tables of agreements: the document whole, as both sides signed it, and who its parties are. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import { organisationsKnownTo } from '#modules/parties/index';
import { obligationMigrations } from './decide/obligation-store.ts';
import { quotaMigrations } from './decide/quota-store.ts';
import { decisionMigrations } from './decide/record.ts';
import type { Agreement } from './model.ts';

export interface AgreementsTables {
  agreements: {
    id: string; authority: string; counterpart: string; status: string; document: Agreement; version: number;
    created_at: string; began_at: string | null; over_at: string | null;
  };
  agreement_versions: {
    id: string; agreement: string; version: number; kind: string; document: Agreement; person: string | null; at: string;
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
  {
    // Documents of the older shape get the newer one. Nobody has attested their machine form: they count for nothing until then.
    name: 'agreements/002-life',
    sql: `alter table agreements add column began_at timestamptz, add column over_at timestamptz;
    update agreements set began_at = created_at where status <> 'draft';
    update agreements set over_at = created_at where status = 'ended';
    update agreements set document = jsonb_build_object('suspensions', '[]'::jsonb, 'revocations', '[]'::jsonb, 'predecessor', null,
        'sponsorship', null, 'successions', '[]'::jsonb, 'activation', null) || document
      || jsonb_build_object('clauses', (select jsonb_agg(case when c ? 'machine' then c else
          (c - 'grants' - 'forbids') || jsonb_build_object('attestations', '[]'::jsonb, 'machine', jsonb_build_object(
            'grants', (select coalesce(jsonb_agg(jsonb_build_object('roles', null, 'persons', null, 'notBefore', null,
                'expires', null, 'conditions', jsonb_build_object('mfa', false, 'networks', '[]'::jsonb, 'approvals', null)) || g), '[]'::jsonb)
              from jsonb_array_elements(c -> 'grants') g),
            'prohibitions', case when jsonb_array_length(c -> 'forbids') = 0 then '[]'::jsonb else jsonb_build_array(
              jsonb_build_object('id', id || ':' || (c ->> 'number') || ':p1', 'bound', null, 'actions', c -> 'forbids', 'when', null)) end,
            'obligations', '[]'::jsonb, 'quotas', '[]'::jsonb, 'handling', null, 'oversight', null)) end order by n)
        from jsonb_array_elements(document -> 'clauses') with ordinality as t(c, n)));
    create table agreement_versions (
      id text primary key, agreement text not null references agreements (id), version integer not null, kind text not null,
      document jsonb not null, person text, at timestamptz not null);
    create index agreement_versions_agreement on agreement_versions (agreement, at);`,
  },
  ...decisionMigrations, ...quotaMigrations, ...obligationMigrations,
];

const t = (q: Queryable) => q.as<AgreementsTables>();

const json = (a: Agreement): never => sql`${JSON.stringify(a)}::jsonb` as never;

export async function insertAgreement(q: Queryable, a: Agreement): Promise<void> {
  await t(q).insertInto('agreements').values({
    id: a.id, authority: a.authority, counterpart: a.counterpart, status: a.status, version: a.version,
    document: json(a), created_at: a.createdAt, began_at: null, over_at: null,
  }).execute();
}

/** A text that a draft had, or one that came too late and is kept aside (`rival`). */
export interface Version {
  readonly id: string;
  readonly version: number;
  readonly kind: 'saved' | 'rival';
  readonly document: Agreement;
  readonly person: string | null;
  readonly at: string;
}

export async function insertVersion(q: Queryable, v: Version): Promise<void> {
  await t(q).insertInto('agreement_versions').values({
    id: v.id, agreement: v.document.id, version: v.version, kind: v.kind, document: json(v.document), person: v.person, at: v.at,
  }).execute();
}

/** Oldest first. The caller has read the agreement within its scope. */
export async function versionsOf(q: Queryable, agreement: string): Promise<Version[]> {
  const rows = await t(q).selectFrom('agreement_versions').selectAll().where('agreement', '=', agreement)
    .orderBy('at').orderBy('id').limit(500).execute();
  return rows.map((row) => ({ ...row, kind: row.kind as Version['kind'] }));
}

/** Signed agreements whose first day has come, and whose beginning nobody has told yet. */
export async function agreementsToBegin(q: Queryable, now: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements').select('document').where('began_at', 'is', null)
    .where('status', 'in', ['active', 'suspended']).where(sql`(document ->> 'effectiveAt')::timestamptz`, '<=', now)
    .orderBy('id').forUpdate().skipLocked().execute();
  return rows.map((r) => r.document);
}

/** Agreements that began, whose last day is over, and whose end nobody has told yet. */
export async function agreementsToExpire(q: Queryable, now: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements').select('document').where('over_at', 'is', null)
    .where('began_at', 'is not', null).where('status', 'in', ['active', 'suspended'])
    .where(sql`(document ->> 'expiresAt')::timestamptz`, '<=', now).orderBy('id').forUpdate().skipLocked().execute();
  return rows.map((r) => r.document);
}

/** Notes that its beginning or end has been told. */
export async function noteTold(q: Queryable, id: string, what: 'began_at' | 'over_at', at: string): Promise<void> {
  await t(q).updateTable('agreements').set({ [what]: at }).where('id', '=', id).execute();
}

/** Saves a new version over exactly the one before it; false if someone was faster. */
export async function saveAgreement(q: Queryable, a: Agreement): Promise<boolean> {
  const saved = await t(q).updateTable('agreements').set({
    status: a.status, version: a.version, document: json(a), authority: a.authority, counterpart: a.counterpart,
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

/** Other sides of agreements of an organisation that are in force. */
export async function partnersOf(q: Queryable, org: string): Promise<string[]> {
  return [...new Set((await agreementsOf(q, org)).filter((a) => a.status === 'active').map((a) => (a.authority === org ? a.counterpart : a.authority)))];
}

/** An agreement whoever asks: for a sponsor, whose own scope the caller has checked, and for the hub's own work. */
export async function agreementById(q: Queryable, id: string): Promise<Agreement | null> {
  const row = await t(q).selectFrom('agreements').select('document').where('id', '=', id).executeTakeFirst();
  return row?.document ?? null;
}

/** Sponsored agreements that rest on one of the organisation's own, newest first. */
export async function sponsoredUnder(q: Queryable, scope: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements as c').innerJoin('agreements as p', (j) =>
    j.on(sql`p.id`, '=', sql`c.document -> 'sponsorship' ->> 'agreement'`))
    .select('c.document').where('p.authority', '=', scope).orderBy('c.created_at', 'desc').orderBy('c.id').execute();
  return rows.map((r) => r.document);
}

/** All agreements between two organisations, either way round: what a decision between them rests on. */
export async function agreementsBetween(q: Queryable, one: string, other: string): Promise<Agreement[]> {
  const rows = await t(q).selectFrom('agreements').select('document')
    .where('authority', 'in', [one, other]).where('counterpart', 'in', [one, other]).orderBy('id').execute();
  return rows.map((r) => r.document);
}

/** Agreements by their ids, for a decision that rests on a sponsor's own: whoever its parties are. */
export async function agreementsNamed(q: Queryable, ids: readonly string[]): Promise<Agreement[]> {
  if (ids.length === 0) return [];
  const rows = await t(q).selectFrom('agreements').select('document').where('id', 'in', ids).execute();
  return rows.map((r) => r.document);
}

/** Whether an organisation may know of another: its own, one it introduced, or the other side of any agreement. */
export async function knowsOrganisation(q: Queryable, scope: string, other: string): Promise<boolean> {
  const [introduced, agreements] = await Promise.all([organisationsKnownTo(q, scope), agreementsOf(q, scope)]);
  return introduced.some((o) => o.id === other) || agreements.some((a) => a.authority === other || a.counterpart === other);
}
