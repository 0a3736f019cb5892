/**
 * Takes the demonstration's raw files in through the same pipeline as anybody's. A start that was cut short goes on with
 * the files that have no finished batch yet; the one it was in is sent again, which stores only what is missing.
 */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { ReportTypes } from '#kit/shadowserver/types';
import { batchesOf, feedById, insertFeed } from '../../../modules/landscape/store.ts';
import type { Pipeline } from '../../../modules/landscape/pipeline/ingest.ts';
import { telemetryFeeds, telemetryFiles } from './files.ts';
import { prepareTable, tableFeed, tableFile } from './table.ts';

export interface TelemetryParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly types: ReportTypes;
}

export interface TelemetryProgress {
  /** Files done and in all, and rows read so far. */
  readonly files: number;
  readonly of: number;
  readonly rows: number;
  readonly fileName: string;
}

/** `centre` is the organisation whose feeds these are. */
export async function loadTelemetry(
  parts: TelemetryParts, centre: string, scale: number, progress: (p: TelemetryProgress) => void = () => undefined,
  only: (fileName: string) => boolean = () => true,
): Promise<void> {
  const { db, clock, pipeline, types } = parts;
  const feeds = [...telemetryFeeds, tableFeed];
  for (const feed of feeds) await insertFeed(db, centre, `feed_${feed.name}`, clock.iso(), feed);
  await prepareTable(db, centre, `feed_${tableFeed.name}`, clock.iso());
  const today = Math.floor(clock.now() / 86_400_000);
  const files = [...telemetryFiles({ scale, today, types }), tableFile(today)].filter((file) => only(file.fileName));
  const done = new Set<string>();
  for (const { name } of feeds) {
    const batches = await batchesOf(db, centre, { feed: `feed_${name}`, state: 'done', limit: 1000 });
    for (const batch of batches) done.add(`${name} ${batch.fileName}`);
  }
  // A folder that was loaded on another day has other recent files; its history is the same and is not sent again.
  if (done.size >= files.length) return;
  let rows = 0;
  for (const [at, file] of files.entries()) {
    if (done.has(`${file.feed} ${file.fileName}`)) continue;
    const feed = await feedById(db, centre, file.feed);
    if (feed === null) throw new Error(`no feed ${file.feed}`);
    const batch = await pipeline.ingest(
      { feed, source: file.open(), fileName: file.fileName, typeGiven: null, actor: 'system', settleLater: true },
      { progress: ({ counts }) => progress({ files: at, of: files.length, rows: rows + counts.read, fileName: file.fileName }) },
    );
    rows += batch.counts.read;
  }
  progress({ files: files.length, of: files.length, rows, fileName: '' });
  // Some fifty files touch the same days. A start that ends here computes them when it is begun again, before its door opens.
  // And the first who looks would wait for the periods half a minute, without being told for what.
  await pipeline.settle();
}
