/** Artefacts, and the folders of snapshots by digest. Both are written once. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { Folder } from '#kit/tree/build';
import { entriesOf } from '#kit/tree/entry';
import type { ReadFolder } from '#kit/tree/proof';
import type { AccessClass, ArtefactKind, Label, Origin } from '../model.ts';
import { labelOf, rankOf } from '../rules.ts';
import { tables, type CatalogueTables } from './schema.ts';

export interface SnapshotRecord {
  readonly root: string; readonly files: number; readonly bytes: number;
  readonly origin: Origin | null;
}
export interface ArtefactRecord {
  readonly id: string; readonly scope: string; readonly product: string; readonly release: string; readonly kind: ArtefactKind; readonly name: string;
  /** Of what was brought: of source code the archive. */
  readonly sha256: string;
  readonly size: number; readonly media: string; readonly access: AccessClass; readonly tlp: Label; readonly embargoUntil: string | null;
  readonly early: readonly string[]; readonly snapshot: SnapshotRecord | null; readonly addedAt: string; readonly addedBy: string;
  readonly withdrawnAt: string | null; readonly withdrawnWhy: string | null;
}

const originOf = ({ origin_kind: kind, origin_name: name, origin_digest: digest }: CatalogueTables['catalogue_artefact']): Origin | null =>
  (kind === null || name === null || digest === null ? null : { kind: kind as Origin['kind'], name, digest });

const artefactOf = (r: CatalogueTables['catalogue_artefact']): ArtefactRecord => ({
  id: r.id, scope: r.scope, product: r.product, release: r.release, kind: r.kind as ArtefactKind, name: r.name, sha256: r.sha256, size: Number(r.size),
  media: r.media, access: r.access as AccessClass, tlp: labelOf(r.tlp), embargoUntil: r.embargo_until, early: r.early,
  snapshot: r.root === null ? null : {
    root: r.root, files: r.files ?? 0, bytes: Number(r.bytes), origin: originOf(r),
  },
  addedAt: r.added_at, addedBy: r.added_by, withdrawnAt: r.withdrawn_at, withdrawnWhy: r.withdrawn_why,
});

/** False where the release holds one of that kind and name. */
export async function insertArtefact(tx: Queryable, a: ArtefactRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx).insertInto('catalogue_artefact').values({
    id: a.id, scope: a.scope, product: a.product, release: a.release, kind: a.kind, name: a.name, sha256: a.sha256, size: String(a.size), media: a.media,
    access: a.access, tlp: rankOf(a.tlp), embargo_until: a.embargoUntil, early: [...a.early], root: a.snapshot?.root ?? null,
    files: a.snapshot?.files ?? null, bytes: a.snapshot ? String(a.snapshot.bytes) : null,
    origin_kind: a.snapshot?.origin?.kind ?? null, origin_name: a.snapshot?.origin?.name ?? null, origin_digest: a.snapshot?.origin?.digest ?? null,
    added_at: a.addedAt, added_by: a.addedBy,
    withdrawn_at: a.withdrawnAt, withdrawn_why: a.withdrawnWhy,
  }).onConflict((c) => c.columns(['release', 'kind', 'name']).doNothing()).executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** In the order of kinds as they were added. */
export async function artefactsOf(q: Queryable, releases: readonly string[]): Promise<ArtefactRecord[]> {
  const { rows } = await sql<CatalogueTables['catalogue_artefact']>`select * from catalogue_artefact where release = any(${[...releases]}::text[])
    order by added_at, id`.execute(tables(q));
  return rows.map(artefactOf);
}

export async function artefactById(q: Queryable, id: string): Promise<ArtefactRecord | null> {
  const row = await tables(q).selectFrom('catalogue_artefact').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? artefactOf(row) : null;
}

/** False where it was withdrawn before. */
export async function noteArtefactWithdrawn(tx: Queryable, scope: string, id: string, at: string, why: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update catalogue_artefact set withdrawn_at = ${at}::timestamptz, withdrawn_why = ${why}
    where id = ${id} and scope = ${scope} and withdrawn_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** Text that goes to the engine at once. */
const atOnce = 2_000_000;

/** Keeps folders; one that is there is the same, since its digest names it. */
export async function insertFolders(tx: Queryable, scope: string, folders: readonly Folder[]): Promise<void> {
  let [digests, texts, length]: [string[], string[], number] = [[], [], 0];
  const flush = async (): Promise<void> => {
    if (digests.length === 0) return;
    await sql`insert into catalogue_folder (scope, digest, entries) select ${scope}, f.digest, f.entries
      from unnest(${digests}::text[], ${texts}::text[]) as f(digest, entries) on conflict do nothing`.execute(tables(tx));
    [digests, texts, length] = [[], [], 0];
  };
  for (const { digest, text } of folders) {
    digests.push(digest);
    texts.push(text);
    length += text.length;
    if (length > atOnce || digests.length >= 1_000) await flush();
  }
  await flush();
}

/** Reads folders of an organisation's snapshots. */
export const folderReader = (q: Queryable, scope: string): ReadFolder => async (digest) => {
  const row = await tables(q).selectFrom('catalogue_folder').select('entries').where('scope', '=', scope).where('digest', '=', digest).executeTakeFirst();
  return row ? entriesOf(row.entries) : null;
};
