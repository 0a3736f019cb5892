/** The table of comparisons. A row is the reviewing side's alone; of the capture it holds the digest and what came of it. */
import type { FlowReview } from '#kit/flows/review';
import type { Migration, Queryable } from '#world/db/port';
import type { ComparedFlow, FlowCounts } from '../model/flows.ts';

/** What is kept of a review: the first of each list, as the kit gives them. */
export interface Outcome {
  readonly undeclared: FlowReview['undeclared']; readonly lookedUp: FlowReview['lookedUp']; readonly flows: readonly ComparedFlow[];
}
/** Which finding which of them went into. */
export interface Filed { readonly flaw: string; readonly ways: readonly number[]; readonly names: readonly string[] }

export interface ComparisonRow {
  readonly id: string; readonly visit: string; readonly scope: string; readonly owner: string; readonly person: string; readonly at: string;
  readonly artefact: string; readonly name: string; readonly declaration: string; readonly capture: string;
  /** A bigint of the database. */
  readonly bytes: string;
  readonly broken_off: boolean; readonly devices: string[]; readonly lab: string[]; readonly counts: FlowCounts; readonly outcome: Outcome;
  readonly filed: readonly Filed[];
}
const tables = (q: Queryable) => q.as<{ centre_comparison: ComparisonRow }>();

export const flowMigrations: readonly Migration[] = [
  {
    name: 'centre/201-flows',
    sql: `create table centre_comparison (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, person text not null,
      at timestamptz not null, artefact text not null, name text not null, declaration text not null, capture text not null, bytes bigint not null,
      broken_off boolean not null, devices text[] not null, lab text[] not null, counts jsonb not null, outcome jsonb not null, filed jsonb not null
    );
    create index centre_comparison_of on centre_comparison (visit, id)`,
  },
];

export async function insertComparison(tx: Queryable, row: ComparisonRow): Promise<void> {
  await tables(tx).insertInto('centre_comparison').values({
    ...row, counts: JSON.stringify(row.counts) as never, outcome: JSON.stringify(row.outcome) as never, filed: JSON.stringify(row.filed) as never,
  }).execute();
}

/** The newest first, without what came of each. */
export const comparisonsOf = (q: Queryable, scope: string, visit: string): Promise<Omit<ComparisonRow, 'outcome'>[]> =>
  tables(q).selectFrom('centre_comparison').select(['id', 'visit', 'scope', 'owner', 'person', 'at', 'artefact', 'name', 'declaration', 'capture', 'bytes',
    'broken_off', 'devices', 'lab', 'counts', 'filed']).where('visit', '=', visit).where('scope', '=', scope).orderBy('id', 'desc').limit(200).execute();

export async function comparisonOf(q: Queryable, scope: string, id: string, lock = false): Promise<ComparisonRow | null> {
  const query = tables(q).selectFrom('centre_comparison').selectAll().where('id', '=', id).where('scope', '=', scope);
  return await (lock ? query.forUpdate() : query).executeTakeFirst() ?? null;
}

export async function noteFiled(tx: Queryable, id: string, filed: readonly Filed[]): Promise<void> {
  await tables(tx).updateTable('centre_comparison').set({ filed: JSON.stringify(filed) as never }).where('id', '=', id).execute();
}
