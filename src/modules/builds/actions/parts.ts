/** What the acts of builds are handed, the files of a release as they are asked about, and the shapes that they answer with. */
import type { Caller } from '#kit/endpoint';
import { ArchiveFault } from '#kit/compare/piece';
import { worst, type Fact as EnvironmentFact } from '#kit/compare/verdict';
import { noSuch, Refusal } from '#kit/refusal';
import type { Blobs } from '#world/blobs/port';
import { blobBytes } from '#world/blobs/whole';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import type { Disassembler } from '#world/disassembler/port';
import { asHub } from '#world/db/scope';
import type { Ids } from '#world/ids';
import { releaseFor, type ReleaseRef } from '#modules/catalogue/index';
import { organisationsById } from '#modules/parties/index';
import type { Rebuild, ShippedFile, Verdict, VerdictLine } from '../model.ts';
import { fileOf, isBuilt, type BuiltKind, type Counted } from '../rules.ts';
import { allRebuilders } from '../store/rebuilders.ts';
import { rebuildById, verdictById, type RebuildRow, type VerdictRow } from '../store/rebuilds.ts';

export interface BuildsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly blobs: Blobs;
  readonly disassembler: Disassembler;
}

export interface BuiltFile { readonly id: string; readonly kind: BuiltKind; readonly name: string; readonly sha256: string; readonly size: number;
  readonly openable: ReleaseRef['files'][number]['openable'] }

/** Those files of a release that are built, and so can be built again. */
export const builtFilesOf = (release: ReleaseRef): BuiltFile[] => release.files.flatMap(({ kind, ...f }) => (isBuilt(kind) ? [{ ...f, kind }] : []));

/** Names of organisations as a register has them: who speaks is told to whoever reads what is said. */
export const namesOf = (q: Queryable, orgs: Iterable<string>): Promise<ReadonlyMap<string, string>> => asHub('names of rebuilders’ organisations', async () => {
  const asked = [...new Set(orgs)];
  const found = await organisationsById(q, asked);
  return new Map(asked.map((id) => [id, found.get(id)?.name ?? id]));
});

/** What counts: the worse of what its rebuilder says and of what the hub found itself. */
export const standsOf = ({ said, found }: Pick<VerdictRow, 'said' | 'found'>): Verdict =>
  worst([said as Verdict, ...found === null ? [] : [found as Verdict]]);

export const countedOf = (v: VerdictRow): Counted =>
  ({ artefact: v.artefact, rebuilder: v.rebuilder, org: v.org, scope: v.scope, stands: standsOf(v), at: v.at });

export const standing = (rows: readonly VerdictRow[]): VerdictRow[] => rows.filter((v) => v.superseded_by === null);

export async function verdictsShown(q: Queryable, rows: readonly VerdictRow[]): Promise<VerdictLine[]> {
  const rebuilders = new Map((await allRebuilders(q)).map((r) => [r.id, r.name]));
  const names = await namesOf(q, rows.map((v) => v.org));
  return rows.map((v) => ({
    id: v.id, rebuild: v.rebuild, artefact: v.artefact, rebuilder: v.rebuilder, rebuilderName: rebuilders.get(v.rebuilder) ?? v.rebuilder, org: v.org,
    orgName: names.get(v.org) ?? v.org, provider: v.org === v.scope, said: v.said as Verdict, stands: standsOf(v),
    check: v.found === null ? 'unchecked' : standsOf(v) === v.said ? 'agrees' : 'contradicts', at: v.at, rules: v.rules,
    recovered: v.recovered as EnvironmentFact | null, differences: v.differences, unexplained: v.unexplained, hasRebuilt: v.held,
    supersededBy: v.superseded_by, supersededAt: v.superseded_at, supersededWhy: v.superseded_why,
  }));
}

export const filesShown = (files: readonly BuiltFile[], rows: readonly VerdictRow[]): ShippedFile[] => {
  const counted = standing(rows).map(countedOf);
  return files.map(({ id, kind, name, sha256, size }) => ({ artefact: id, kind, name, sha256, size, ...fileOf(counted.filter((c) => c.artefact === id)) }));
};

export async function rebuildShown(q: Queryable, r: RebuildRow, { version, productName, owner, open }: Pick<ReleaseRef,
  'version' | 'productName' | 'owner' | 'open'>,
  org: string): Promise<Rebuild> {
  const rebuilder = (await allRebuilders(q)).find((x) => x.id === r.rebuilder);
  return {
    id: r.id, release: r.release, version, product: r.product, productName, rebuilder: r.rebuilder, rebuilderName: rebuilder?.name ?? r.rebuilder, org: r.org,
    orgName: (await namesOf(q, [r.org])).get(r.org) ?? r.org, mine: r.org === org, owner, open, at: r.at, startedAt: r.started_at, finishedAt: r.finished_at,
    evidence: r.evidence, recipe: r.recipe, environment: r.environment, sources: [...r.sources], products: [...r.products], runId: r.run_id,
    hasLog: r.log !== null, corrects: r.corrects, reason: r.reason,
  };
}

export interface ReachedVerdict { readonly row: VerdictRow; readonly release: ReleaseRef; readonly file: BuiltFile }

/** A verdict on a file that the caller may know of; throws what one that never was would answer. */
export async function verdictWithin(parts: BuildsParts, caller: Caller, id: string): Promise<ReachedVerdict> {
  const row = await asHub('what a verdict is about, to ask the decision', () => verdictById(parts.db, id));
  const release = await releaseFor(parts, caller, row?.release ?? '', 'verdict');
  const file = builtFilesOf(release).find((f) => f.id === row?.artefact);
  // Read again as whoever asks: the database's own lock has to hold too.
  const shown = file ? await verdictById(parts.db, id) : null;
  if (!shown || !file) throw noSuch('verdict');
  return { row: shown, release, file };
}

export interface ReachedRebuild { readonly row: RebuildRow; readonly release: ReleaseRef; readonly files: readonly BuiltFile[] }

/** A rebuild of a release that the caller may know of. */
export async function rebuildWithin(parts: BuildsParts, caller: Caller, id: string): Promise<ReachedRebuild> {
  const row = await asHub('what a rebuild is about, to ask the decision', () => rebuildById(parts.db, id));
  const release = await releaseFor(parts, caller, row?.release ?? '', 'rebuild');
  const shown = row ? await rebuildById(parts.db, id) : null;
  if (!shown) throw noSuch('rebuild');
  return { row: shown, release, files: builtFilesOf(release) };
}

/** The bytes of a blob, at most so many; null where there are more. */
export async function bytesOf(blobs: Blobs, sha256: string, most: number): Promise<Uint8Array | null> {
  const size = await blobs.size(sha256);
  if (size !== null && size > most) return null;
  const bytes = await blobBytes(blobs, sha256);
  if (!bytes) throw new Error(`the blob ${sha256} was kept and is gone`);
  return bytes;
}

export async function textOf(blobs: Blobs, sha256: string): Promise<string> {
  return Buffer.from(await bytesOf(blobs, sha256, Number.MAX_SAFE_INTEGER) ?? new Uint8Array(0)).toString('utf8');
}

/** What cannot be unpacked is the sender's doing. */
export function refusedIfArchive(error: unknown): never {
  if (error instanceof ArchiveFault) throw new Refusal('unprocessable', 'rebuilt.archive', error.message);
  throw error;
}
