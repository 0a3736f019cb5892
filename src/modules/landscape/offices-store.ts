/** Reports of state bodies as they were signed: their bytes stay, whatever the figures become. */
import type { Queryable } from '#world/db/port';
import { tables } from './store.ts';

export interface SignedReport {
  readonly id: string;
  readonly month: string;
  readonly at: string;
  readonly person: string;
  readonly sha256: string;
  readonly total: number;
  readonly state: number;
}

/** Keeps it; null where the same bytes were signed for the month before. */
export async function insertSignedReport(db: Queryable, scope: string, report: SignedReport, csv: string): Promise<SignedReport | null> {
  const row = await tables(db).insertInto('landscape_office_report').values({ ...report, scope, csv })
    .onConflict((c) => c.columns(['scope', 'month', 'sha256']).doNothing()).returning('id').executeTakeFirst();
  return row ? report : null;
}

const columns = ['id', 'month', 'at', 'person', 'sha256', 'total', 'state'] as const;
const plain = (row: Omit<SignedReport, 'total' | 'state'> & { total: string | number; state: string | number }): SignedReport =>
  ({ ...row, total: Number(row.total), state: Number(row.state) });

/** Newest first. */
export async function signedReports(db: Queryable, scope: string, month: string): Promise<SignedReport[]> {
  const rows = await tables(db).selectFrom('landscape_office_report').select(columns).where('scope', '=', scope).where('month', '=', month)
    .orderBy('at', 'desc').orderBy('id', 'desc').limit(100).execute();
  return rows.map(plain);
}

export async function signedReport(db: Queryable, scope: string, id: string): Promise<{ signed: SignedReport; csv: string } | null> {
  const row = await tables(db).selectFrom('landscape_office_report').select([...columns, 'csv']).where('scope', '=', scope).where('id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  const { csv, ...signed } = row;
  return { signed: plain(signed), csv };
}
