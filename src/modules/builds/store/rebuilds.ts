/** Rebuilds and their verdicts. Which of them a reader sees follows from the artefacts that one sees; the actions ask the catalogue. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Verdict } from '../model.ts';
import { tables, type BuildsTables } from './schema.ts';

export type RebuildRow = BuildsTables['builds_rebuild'];
export type VerdictRow = BuildsTables['builds_verdict'];

/** False where this very bundle was recorded before. */
export async function insertRebuild(tx: Queryable, r: RebuildRow): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into builds_rebuild (id, org, scope, product, release, rebuilder, person, at, started_at, finished_at, evidence,
    recipe, environment, sources, products, run_id, log, corrects, reason) values (${r.id}, ${r.org}, ${r.scope}, ${r.product}, ${r.release}, ${r.rebuilder},
    ${r.person}, ${r.at}::timestamptz, ${r.started_at}, ${r.finished_at}, ${r.evidence}, ${r.recipe}, ${r.environment}, ${JSON.stringify(r.sources)}::jsonb,
    ${JSON.stringify(r.products)}::jsonb, ${r.run_id}, ${r.log}, ${r.corrects}, ${r.reason}) on conflict (evidence) do nothing`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** False where the rebuilder has a voice on the file. */
export async function insertVerdict(tx: Queryable, v: VerdictRow): Promise<boolean> {
  const recovered = v.recovered === null ? null : JSON.stringify(v.recovered);
  const { numAffectedRows } = await sql`insert into builds_verdict (id, rebuild, org, scope, release, artefact, rebuilder, name, sha256, said, judgement, rules,
    recovered, differences, unexplained, rebuilt, at, held, found, superseded_by, superseded_at, superseded_why) values (${v.id}, ${v.rebuild}, ${v.org},
    ${v.scope}, ${v.release}, ${v.artefact}, ${v.rebuilder}, ${v.name}, ${v.sha256}, ${v.said}, ${v.judgement}, ${v.rules}::text[], ${recovered}::jsonb,
    ${v.differences}, ${v.unexplained}, ${v.rebuilt}, ${v.at}::timestamptz, ${v.held}, ${v.found}, null, null, null)
    on conflict (rebuilder, artefact) where superseded_by is null do nothing`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

export async function rebuildById(q: Queryable, id: string): Promise<RebuildRow | null> {
  return await tables(q).selectFrom('builds_rebuild').selectAll().where('id', '=', id).executeTakeFirst() ?? null;
}

export async function verdictById(q: Queryable, id: string): Promise<VerdictRow | null> {
  return await tables(q).selectFrom('builds_verdict').selectAll().where('id', '=', id).executeTakeFirst() ?? null;
}

/** Of these releases, also those that stand no more, in the order in which they came. */
export async function verdictsOf(q: Queryable, releases: readonly string[]): Promise<VerdictRow[]> {
  const { rows } = await sql<VerdictRow>`select * from builds_verdict where release = any(${[...releases]}::text[]) order by at, id`.execute(tables(q));
  return rows;
}

export const verdictsOfRebuild = (q: Queryable, rebuild: string): Promise<VerdictRow[]> =>
  tables(q).selectFrom('builds_verdict').selectAll().where('rebuild', '=', rebuild).orderBy('id').execute();

/** The verdict of a rebuilder on a file that stands now; held until the transaction ends. */
export async function standingVerdict(tx: Queryable, rebuilder: string, artefact: string): Promise<VerdictRow | null> {
  return await tables(tx).selectFrom('builds_verdict').selectAll().where('rebuilder', '=', rebuilder).where('artefact', '=', artefact)
    .where('superseded_by', 'is', null).forUpdate().executeTakeFirst() ?? null;
}

export async function noteSuperseded(tx: Queryable, id: string, by: string, at: string, why: string): Promise<void> {
  await sql`update builds_verdict set superseded_by = ${by}, superseded_at = ${at}::timestamptz, superseded_why = ${why} where id = ${id}`.execute(tables(tx));
}

/** That the hub holds the rebuilt file, and what it found itself; null where it did not look. */
export async function noteHeld(tx: Queryable, id: string, found: Verdict | null): Promise<void> {
  await sql`update builds_verdict set held = true, found = ${found} where id = ${id}`.execute(tables(tx));
}

export async function noteLog(tx: Queryable, id: string, log: string): Promise<void> {
  await sql`update builds_rebuild set log = ${log} where id = ${id}`.execute(tables(tx));
}

/** Releases of which some verdict stands. */
export async function rebuiltReleases(q: Queryable): Promise<string[]> {
  const { rows } = await sql<{ release: string }>`select distinct release from builds_verdict where superseded_by is null`.execute(tables(q));
  return rows.map((r) => r.release);
}
