/** The tables of eligibility. An application is read by its applicant and by the provider, and by nobody else. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Application, CriteriaSet } from './eligibility.ts';

interface Tables {
  eligibility_criteria: { provider: string; version: number; document: CriteriaSet };
  eligibility_applications: { id: string; applicant: string; provider: string; state: string; document: Application };
}

export const eligibilityMigrations: readonly Migration[] = [
  {
    name: 'agreements/005-eligibility',
    sql: `create table eligibility_criteria (
      provider text not null references organisations (id), version integer not null, document jsonb not null,
      primary key (provider, version));
    create table eligibility_applications (
      id text primary key, applicant text not null references organisations (id), provider text not null references organisations (id),
      state text not null, document jsonb not null);
    create index eligibility_applications_parties on eligibility_applications (provider, applicant);`,
  },
];

const t = (q: Queryable) => q.as<Tables>();
const json = (document: CriteriaSet | Application): never => sql`${JSON.stringify(document)}::jsonb` as never;

/** A version, or the newest; null where the provider has published none. */
export async function criteriaOf(q: Queryable, provider: string, version: number | null): Promise<CriteriaSet | null> {
  let query = t(q).selectFrom('eligibility_criteria').select('document').where('provider', '=', provider).orderBy('version', 'desc').limit(1);
  if (version !== null) query = query.where('version', '=', version);
  return (await query.executeTakeFirst())?.document ?? null;
}

/** The newest of each provider, by provider. */
export async function publishedCriteria(q: Queryable): Promise<CriteriaSet[]> {
  const rows = await t(q).selectFrom('eligibility_criteria').select('document').distinctOn('provider')
    .orderBy('provider').orderBy('version', 'desc').limit(500).execute();
  return rows.map((r) => r.document);
}

/** False where somebody published this version at the same moment. */
export async function insertCriteria(q: Queryable, set: CriteriaSet): Promise<boolean> {
  const done = await t(q).insertInto('eligibility_criteria').values({ provider: set.provider, version: set.version, document: json(set) })
    .onConflict((c) => c.columns(['provider', 'version']).doNothing()).executeTakeFirst();
  return done.numInsertedOrUpdatedRows === 1n;
}

export async function insertApplication(q: Queryable, a: Application): Promise<void> {
  await t(q).insertInto('eligibility_applications').values({
    id: a.id, applicant: a.applicant, provider: a.provider, state: a.state, document: json(a),
  }).execute();
}

export async function saveApplication(q: Queryable, a: Application): Promise<void> {
  await t(q).updateTable('eligibility_applications').set({ state: a.state, document: json(a) }).where('id', '=', a.id).execute();
}

export async function applicationsOf(q: Queryable, scope: string): Promise<Application[]> {
  const rows = await t(q).selectFrom('eligibility_applications').select('document')
    .where((eb) => eb.or([eb('applicant', '=', scope), eb('provider', '=', scope)])).orderBy('id', 'desc').limit(500).execute();
  return rows.map((r) => r.document);
}

/** Within the scope, and held until the transaction ends: two who decide at once take turns. */
export async function lockedApplication(q: Queryable, scope: string, id: string): Promise<Application | null> {
  const row = await t(q).selectFrom('eligibility_applications').select('document').where('id', '=', id)
    .where((eb) => eb.or([eb('applicant', '=', scope), eb('provider', '=', scope)])).forUpdate().executeTakeFirst();
  return row?.document ?? null;
}
