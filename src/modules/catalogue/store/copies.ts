/** Copies of documents, one a reader: its mark, when it was opened, and whether its reader knows that the document was withdrawn. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { tables } from './schema.ts';

export interface CopyRecord {
  readonly artefact: string; readonly scope: string; readonly org: string; readonly person: string; readonly mark: string; readonly sha256: string;
  readonly firstAt: string; readonly lastAt: string; readonly opens: number; readonly toldAt: string | null; readonly seenAt: string | null;
}
interface Row {
  artefact: string; scope: string; org: string; person: string; mark: string; sha256: string; first_at: string; last_at: string; opens: number;
  told_at: string | null; seen_at: string | null;
}
const copyOf = ({ first_at, last_at, told_at, seen_at, ...r }: Row): CopyRecord => (
  { ...r, firstAt: first_at, lastAt: last_at, toldAt: told_at, seenAt: seen_at });

export async function copyFor(q: Queryable, artefact: string, person: string): Promise<CopyRecord | null> {
  const { rows } = await sql<Row>`select * from catalogue_copy where artefact = ${artefact} and person = ${person}`.execute(tables(q));
  return rows[0] ? copyOf(rows[0]) : null;
}

/** The first opening makes the copy; a later one is counted. */
export async function noteOpened(tx: Queryable, c: Omit<CopyRecord, 'firstAt' | 'opens' | 'toldAt' | 'seenAt'>): Promise<void> {
  await sql`insert into catalogue_copy (artefact, scope, org, person, mark, sha256, first_at, last_at, opens) values (${c.artefact}, ${c.scope}, ${c.org},
    ${c.person}, ${c.mark}, ${c.sha256}, ${c.lastAt}::timestamptz, ${c.lastAt}::timestamptz, 1)
    on conflict (artefact, person) do update set last_at = excluded.last_at, opens = catalogue_copy.opens + 1`.execute(tables(tx));
}

export async function copiesBy(q: Queryable, by: { readonly artefact: string } | { readonly person: string }): Promise<CopyRecord[]> {
  const { rows } = await sql<Row>`select * from catalogue_copy where ${'artefact' in by ? sql`artefact = ${by.artefact}` : sql`person = ${by.person}`}
    order by last_at desc, mark limit 500`.execute(tables(q));
  return rows.map(copyOf);
}

/** Everyone who opened it is to be told, in the application and by a letter. Answers their organisations. */
export async function tellReaders(tx: Queryable, artefact: string, at: string): Promise<string[]> {
  const { rows } = await sql<{ org: string }>`update catalogue_copy set told_at = ${at}::timestamptz, letter = 'waiting', letter_next = ${at}::timestamptz
    where artefact = ${artefact} and told_at is null returning org`.execute(tables(tx));
  return [...new Set(rows.map((r) => r.org))];
}

/** False where it was not withdrawn, or its reader said so before. */
export async function noteSeen(tx: Queryable, artefact: string, person: string, at: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update catalogue_copy set seen_at = ${at}::timestamptz where artefact = ${artefact} and person = ${person}
    and told_at is not null and seen_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** Letters whose hour has come; nobody else sends them before `until`. */
export async function takeLetters(tx: Queryable, now: string, until: string, limit: number): Promise<{ artefact: string; person: string; mark: string }[]> {
  const { rows } = await sql<{ artefact: string; person: string; mark: string }>`update catalogue_copy set letter_next = ${until}::timestamptz
    where mark in (select mark from catalogue_copy where letter_next <= ${now}::timestamptz order by letter_next limit ${limit} for update skip locked)
    returning artefact, person, mark`.execute(tables(tx));
  return rows;
}

export async function settleLetter(q: Queryable, mark: string, letter: 'sent' | 'refused' | null): Promise<void> {
  await sql`update catalogue_copy set letter = ${letter}, letter_next = null where mark = ${mark}`.execute(tables(q));
}
