/**
 * Makes the search index of each source that somebody was allowed to review: out of the blobs, beside the hub, by one hub at a time, from the
 * last release's index where there is one. That it was made, and by which name, is on the record of both sides. If we crash within it the
 * lease runs out, and the next round begins anew.
 */
import { latest } from '#kit/latest';
import { leasedRuns, type LeasedRuns } from '#kit/leased';
import { toUtf8 } from '#kit/encoding';
import type { Entry } from '#kit/tree/entry';
import type { Blobs } from '#world/blobs/port';
import { blobBytes } from '#world/blobs/whole';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import type { SourceFile } from '#world/searching/port';
import type { Indexes } from '#world/searching/shared';
import type { Trace } from '#world/trace';
import { filesIn } from '#modules/catalogue/index';
import { dueIndexes, holdIndex, lastIndex, noteTrouble, reviewersOf, saveIndex, takeIndex, type IndexCounts } from './store.ts';

export interface IndexingParts {
  readonly db: Db; readonly clock: Clock; readonly ids: Ids; readonly blobs: Blobs; readonly indexes: Indexes; readonly trace: Trace;
}

const leaseMs = 120_000;
/** Until it is tried again. */
const pauseMs = 300_000;
const namedMost = 200;

/** The files of a source as a text: mode, digest, size and path of each, a line each; so that they need not be walked for every question. */
export const listingOf = (files: readonly { path: string; entry: Entry }[]): string =>
  files.map(({ path, entry }) => `${entry.mode} ${entry.digest} ${entry.size} ${path}\n`).join('');

export interface Listed { readonly digest: string; readonly size: number; readonly mode: string }

/** The files of a source in the order of their paths, and each by its path. */
export class Listing {
  readonly paths: readonly string[];
  private readonly lines: readonly string[];
  private readonly places: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.lines = text.split('\n').slice(0, -1);
    this.paths = this.lines.map((line) => line.slice(line.indexOf(' ', 72) + 1));
    this.places = new Map(this.paths.map((path, i) => [path, i]));
  }

  find(path: string): Listed | null {
    const [mode = '', digest = '', size = ''] = (this.lines[this.places.get(path) ?? -1] ?? '').split(' ', 3);
    return digest === '' ? null : { mode, digest, size: Number(size) };
  }
}

/** Listings that were read, the latest few: a hub reviews few sources at a time. */
export function listingsOver({ blobs }: Pick<IndexingParts, 'blobs'>): (sha256: string) => Promise<Listing> {
  const kept = latest<Listing>(4);
  return (sha256) => kept(sha256, async () => {
    const bytes = await blobBytes(blobs, sha256);
    if (!bytes) throw new Error(`the list of files ${sha256} is not among the blobs`);
    return new Listing(Buffer.from(bytes).toString('utf8'));
  });
}

interface Source { readonly owner: string; readonly root: string; readonly artefact: string; readonly product: string }

async function make(parts: IndexingParts, source: Source, run: string, signal: AbortSignal): Promise<void> {
  const { db, blobs, indexes, clock } = parts;
  const listed: { path: string; entry: Entry }[] = [];
  for await (const file of filesIn(db, source)) {
    signal.throwIfAborted();
    listed.push(file);
  }
  const { sha256: listing } = await blobs.put(toUtf8(listingOf(listed)));
  const files: SourceFile[] = listed.map(({ path, entry }) => ({ path, mode: Number.parseInt(entry.mode, 8), sha256: entry.digest, bytes: entry.size }));
  const last = await lastIndex(db, source.owner, source.product);
  const made = await indexes.make({ files, signal, previous: last?.name ? { name: last.name, files: last.files } : null });
  const { manifest } = await indexes.open(made);
  const counts: IndexCounts = {
    files: listed.length, bytes: listed.reduce((sum, { entry }) => sum + entry.size, 0), lines: manifest.lines, text: manifest.text,
    binary: manifest.binary, refused: manifest.refused.length,
    refusedFiles: manifest.refused.slice(0, namedMost).map(({ path, reason }) => ({ path, reason })),
  };
  await db.transaction(async (tx) => {
    const at = clock.iso();
    if (!await saveIndex(tx, run, { ...made, listing, counts, at })) return;
    await stateFact(tx, {
      class: 'source.indexed', at, actor: 'system', org: source.owner, subject: source.artefact, readers: await reviewersOf(tx, source), clauses: [],
      body: { artefact: source.artefact, root: source.root, index: made.name, files: counts.files, text: counts.text, binary: counts.binary,
        refused: counts.refused },
    });
  });
}

export function indexerOver(parts: IndexingParts): LeasedRuns {
  const { db, clock, ids, trace } = parts;
  const until = (): string => new Date(clock.now() + leaseMs).toISOString();
  // By its place in the last list of what is due: the list is short, and a key of two names would have to be read again.
  const due = new Map<string, Source>();
  return leasedRuns({
    async take(id) {
      const source = due.get(id);
      const run = ids.next('idx');
      if (!source) return null;
      const taken = await db.transaction((tx) => takeIndex(tx, source, { ...source, run, now: clock.iso(), until: until() }));
      if (!taken) return null;
      return {
        run,
        work: (signal) => make(parts, source, run, signal).catch(async (error: unknown) => {
          // One that was stopped has failed at nothing: whoever comes next begins at once.
          const again = signal.aborted ? clock.now() : clock.now() + pauseMs;
          await noteTrouble(db, run, error instanceof Error ? error.message : String(error), new Date(again).toISOString());
          if (!signal.aborted) throw error;
        }),
      };
    },
    hold: (_, run) => holdIndex(db, run, until()),
    async due(most) {
      const found = await dueIndexes(db, clock.iso(), most);
      due.clear();
      for (const source of found) due.set(`${source.owner} ${source.root}`, source);
      return [...due.keys()];
    },
    fault: (error, id) => asHub('an index that failed', () => trace.error('search-index.fault', error, { source: id })),
  }, 1);
}
