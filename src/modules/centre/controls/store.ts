/** Marks, excerpts, copies, appeals and bait. Each read names the organisation that asks; neither side has a statement that writes the other's rows. */
import type { InsertResult } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables as centreTables } from '../store/schema.ts';
import type { ReviewRow } from '../store/visits.ts';
import { tables, type ControlsTables } from './schema.ts';

export type ExcerptRow = ControlsTables['centre_excerpt'];
export type WordRow = ControlsTables['centre_excerpt_word'];
export type CopyRow = ControlsTables['centre_copy'];
export type AppealRow = ControlsTables['centre_appeal'];
export type AppealWordRow = ControlsTables['centre_appeal_word'];
export type EarlyRow = ControlsTables['centre_early'];
export type EarlyWordRow = ControlsTables['centre_early_word'];
export type SealedRow = ControlsTables['centre_sealed'];
export type BittenRow = ControlsTables['centre_bitten'];

/** Whether a row was put in, and none was there before. */
const isNew = ({ numInsertedOrUpdatedRows }: InsertResult): boolean => (numInsertedOrUpdatedRows ?? 0n) > 0n;

/** jsonb is written as text. */
const asJson = <T extends { readonly withheld: readonly object[] }>(row: T) => ({ ...row, withheld: JSON.stringify(row.withheld) as never });

/** A sitting by the number that its mark carries, where the organisation is a side of its visit. */
export async function reviewOfCode(q: Queryable, org: string, code: string): Promise<ReviewRow | null> {
  return await centreTables(q).selectFrom('centre_review').selectAll().where('code', '=', code)
    .where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).executeTakeFirst() ?? null;
}

export async function insertExcerpt(tx: Queryable, row: ExcerptRow): Promise<void> {
  await tables(tx).insertInto('centre_excerpt').values(row).execute();
}
export const excerptsOf = (q: Queryable, org: string, visit: string): Promise<ExcerptRow[]> => tables(q).selectFrom('centre_excerpt').selectAll()
  .where('visit', '=', visit).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)])).orderBy('id').execute();
export async function excerptOf(q: Queryable, org: string, id: string): Promise<ExcerptRow | null> {
  return await tables(q).selectFrom('centre_excerpt').selectAll().where('id', '=', id).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)]))
    .executeTakeFirst() ?? null;
}
export const wordsOf = (q: Queryable, excerpts: readonly string[]): Promise<WordRow[]> =>
  tables(q).selectFrom('centre_excerpt_word').selectAll().where('excerpt', 'in', [...excerpts, '']).execute();
/** False where that side has said its word before. */
export async function insertExcerptWord(tx: Queryable, row: WordRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_excerpt_word').values(asJson(row))
    .onConflict((c) => c.columns(['excerpt', 'side']).doNothing()).executeTakeFirstOrThrow());
}

export async function insertCopy(tx: Queryable, row: CopyRow): Promise<void> {
  await tables(tx).insertInto('centre_copy').values(row).execute();
}
export const copiesOf = (q: Queryable, visit: string): Promise<CopyRow[]> =>
  tables(q).selectFrom('centre_copy').selectAll().where('visit', '=', visit).orderBy('id').execute();
export async function copyOf(q: Queryable, org: string, id: string): Promise<CopyRow | null> {
  return await tables(q).selectFrom('centre_copy').selectAll().where('id', '=', id).where((e) => e.or([e('scope', '=', org), e('owner', '=', org)]))
    .executeTakeFirst() ?? null;
}
export async function copyOfReader(q: Queryable, excerpt: string, person: string): Promise<CopyRow | null> {
  return await tables(q).selectFrom('centre_copy').selectAll().where('excerpt', '=', excerpt).where('person', '=', person).executeTakeFirst() ?? null;
}
/** False where it was destroyed before. */
export async function destroyCopy(tx: Queryable, id: string, { at, by, how }: { readonly at: string; readonly by: string; readonly how: string }) {
  const { numUpdatedRows } = await tables(tx).updateTable('centre_copy').set({ destroyed_at: at, destroyed_by: by, how }).where('id', '=', id)
    .where('destroyed_at', 'is', null).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
/** Copies past their end that nobody destroyed, each once. */
export const takeOverdue = (tx: Queryable, now: string): Promise<CopyRow[]> => tables(tx).updateTable('centre_copy').set({ overdue_at: now })
  .where('ends_at', '<=', now).where('destroyed_at', 'is', null).where('overdue_at', 'is', null).returningAll().execute();

export async function insertAppeal(tx: Queryable, row: AppealRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_appeal').values(row).onConflict((c) => c.column('note').doNothing())
    .executeTakeFirstOrThrow());
}
export const appealsOf = (q: Queryable, notes: readonly string[]): Promise<AppealRow[]> =>
  tables(q).selectFrom('centre_appeal').selectAll().where('note', 'in', [...notes, '']).execute();
export async function insertAppealWord(tx: Queryable, row: AppealWordRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_appeal_word').values(asJson(row))
    .onConflict((c) => c.column('note').doNothing()).executeTakeFirstOrThrow());
}
export const appealWordsOf = (q: Queryable, notes: readonly string[]): Promise<AppealWordRow[]> =>
  tables(q).selectFrom('centre_appeal_word').selectAll().where('note', 'in', [...notes, '']).execute();

/** The next asking; its visit is locked, so no other has its turn. */
export async function insertEarly(tx: Queryable, row: EarlyRow): Promise<void> {
  await tables(tx).insertInto('centre_early').values(row).execute();
}
/** What was asked for last. */
export async function earlyOf(q: Queryable, visit: string): Promise<EarlyRow | null> {
  return await tables(q).selectFrom('centre_early').selectAll().where('visit', '=', visit).orderBy('turn', 'desc').limit(1).executeTakeFirst() ?? null;
}
export async function insertEarlyWord(tx: Queryable, row: EarlyWordRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_early_word').values(row)
    .onConflict((c) => c.columns(['visit', 'turn']).doNothing()).executeTakeFirstOrThrow());
}
export async function earlyWordOf(q: Queryable, { visit, turn }: Pick<EarlyRow, 'visit' | 'turn'>): Promise<EarlyWordRow | null> {
  return await tables(q).selectFrom('centre_early_word').selectAll().where('visit', '=', visit).where('turn', '=', turn).executeTakeFirst() ?? null;
}

export type ArbiterRow = ControlsTables['centre_arbiter'];
export type ArbiterWordRow = ControlsTables['centre_arbiter_word'];
export type EscrowRow = ControlsTables['centre_escrow'];

/** The next that is named; its visit is locked, so no other has its turn. */
export async function insertArbiter(tx: Queryable, row: ArbiterRow): Promise<void> {
  await tables(tx).insertInto('centre_arbiter').values(row).execute();
}
/** Who was named last. */
export async function arbiterOf(q: Queryable, visit: string): Promise<ArbiterRow | null> {
  return await tables(q).selectFrom('centre_arbiter').selectAll().where('visit', '=', visit).orderBy('turn', 'desc').limit(1).executeTakeFirst() ?? null;
}
export async function insertArbiterWord(tx: Queryable, row: ArbiterWordRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_arbiter_word').values(row)
    .onConflict((c) => c.columns(['visit', 'turn']).doNothing()).executeTakeFirstOrThrow());
}
export async function arbiterWordOf(q: Queryable, { visit, turn }: Pick<ArbiterRow, 'visit' | 'turn'>): Promise<ArbiterWordRow | null> {
  return await tables(q).selectFrom('centre_arbiter_word').selectAll().where('visit', '=', visit).where('turn', '=', turn).executeTakeFirst() ?? null;
}
/** False where another sealed it first. */
export async function insertEscrow(tx: Queryable, row: EscrowRow): Promise<boolean> {
  return isNew(await tables(tx).insertInto('centre_escrow').values(row).onConflict((c) => c.column('visit').doNothing())
    .executeTakeFirstOrThrow());
}
export async function escrowOf(q: Queryable, visit: string): Promise<EscrowRow | null> {
  return await tables(q).selectFrom('centre_escrow').selectAll().where('visit', '=', visit).executeTakeFirst() ?? null;
}
export type SampleRow = ControlsTables['centre_sample'];

export async function sampleOf(q: Queryable, visit: string): Promise<SampleRow | null> {
  return await tables(q).selectFrom('centre_sample').selectAll().where('visit', '=', visit).executeTakeFirst() ?? null;
}

/** Draws once: false where another was first. */
export async function insertSample(tx: Queryable, row: SampleRow, views: readonly string[]): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('centre_sample').values(row).onConflict((c) => c.column('visit').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  const { visit, scope, owner } = row;
  if (views.length > 0) await tables(tx).insertInto('centre_sampled').values(views.map((view) => ({ view, visit, scope, owner }))).execute();
  return true;
}
