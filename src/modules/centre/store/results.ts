/** Notes with their clearances, findings with their answers, statements. Neither side has a statement that writes the other's rows. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables, type CentreTables } from './schema.ts';

export type NoteRow = CentreTables['centre_note'];
export type FlawRow = CentreTables['centre_flaw'];
type Clearance = CentreTables['centre_clearance'];
type Answer = CentreTables['centre_answer'];

export async function insertNote(tx: Queryable, note: NoteRow): Promise<void> {
  await tables(tx).insertInto('centre_note').values(note).execute();
}

export const notesOf = (q: Queryable, org: string, visit: string): Promise<NoteRow[]> => tables(q).selectFrom('centre_note').selectAll()
  .where('visit', '=', visit).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).orderBy('id').execute();

export async function noteOf(q: Queryable, org: string, id: string): Promise<NoteRow | null> {
  return await tables(q).selectFrom('centre_note').selectAll().where('id', '=', id).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)]))
    .executeTakeFirst() ?? null;
}

export const clearancesOf = (q: Queryable, notes: readonly string[]): Promise<Clearance[]> =>
  tables(q).selectFrom('centre_clearance').selectAll().where('note', 'in', [...notes, '']).execute();

export async function insertClearance(tx: Queryable, c: Omit<Clearance, 'withheld'> & { readonly withheld: readonly object[] }): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('centre_clearance').values({ ...c, withheld: JSON.stringify(c.withheld) })
    .onConflict((on) => on.column('note').doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function insertFlaw(tx: Queryable, flaw: FlawRow): Promise<void> {
  await tables(tx).insertInto('centre_flaw').values({ ...flaw, content: JSON.stringify(flaw.content) }).execute();
}

export const flawsOf = (q: Queryable, org: string): Promise<FlawRow[]> => tables(q).selectFrom('centre_flaw').selectAll()
  .where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).orderBy('id', 'desc').limit(500).execute();

export async function flawOf(q: Queryable, org: string, id: string): Promise<FlawRow | null> {
  return await tables(q).selectFrom('centre_flaw').selectAll().where('id', '=', id).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)]))
    .executeTakeFirst() ?? null;
}

export const flawsOfVisit = (q: Queryable, visit: string): Promise<FlawRow[]> =>
  tables(q).selectFrom('centre_flaw').selectAll().where('visit', '=', visit).orderBy('id').execute();

/** False where it was done before. */
export async function discloseFlaw(tx: Queryable, id: string, at: string, answerBy: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('centre_flaw').set({ disclosed_at: at, answer_by: answerBy }).where('id', '=', id)
    .where('disclosed_at', 'is', null).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function closeFlaw(tx: Queryable, id: string, at: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx).updateTable('centre_flaw').set({ closed_at: at }).where('id', '=', id).where('closed_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export const answersOf = (q: Queryable, flaws: readonly string[]): Promise<Answer[]> =>
  tables(q).selectFrom('centre_answer').selectAll().where('flaw', 'in', [...flaws, '']).execute();

export async function insertAnswer(tx: Queryable, answer: Answer): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('centre_answer').values(answer)
    .onConflict((on) => on.column('flaw').doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Findings that should have been disclosed or answered by now and that nobody was told of; taken by noting it, so that one hub tells. */
export async function takeLate(tx: Queryable, now: string): Promise<FlawRow[]> {
  const { rows } = await sql<FlawRow>`update centre_flaw f set alarmed_at = ${now}::timestamptz where f.id in (
      select id from centre_flaw where closed_at is null and (
        (disclosed_at is null and disclose_by <= ${now}::timestamptz and alarmed_at is null)
        or (disclosed_at is not null and answer_by <= ${now}::timestamptz and (alarmed_at is null or alarmed_at < answer_by)
          and not exists (select 1 from centre_answer a where a.flaw = centre_flaw.id)))
      order by id limit 100 for update skip locked)
    returning f.*`.execute(tables(tx));
  return rows;
}

export async function insertStatement(tx: Queryable, s: CentreTables['centre_statement']): Promise<void> {
  await tables(tx).insertInto('centre_statement').values({ ...s, line: JSON.stringify(s.line) }).execute();
}

export const statementsOf = (q: Queryable): Promise<CentreTables['centre_statement'][]> =>
  tables(q).selectFrom('centre_statement').selectAll().orderBy('id', 'desc').limit(500).execute();

export async function statementOf(q: Queryable, id: string): Promise<CentreTables['centre_statement'] | null> {
  return await tables(q).selectFrom('centre_statement').selectAll().where('id', '=', id).executeTakeFirst() ?? null;
}
