/**
 * `entente ingest FILE…`: takes files in. If a hub holds the data folder they are streamed to it over loopback with
 * ENTENTE_TOKEN; else the command opens the folder itself. Both run the same pipeline and end with the same summary:
 * read = stored + duplicate + quarantined.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync, constants } from 'node:zlib';
import { StartError, holderOf, holdFolder, kindOf } from '#world/folder';
import { lineTrace } from '#world/trace';
import { systemClock } from '#world/clock';
import { batchById, feedById, insertFeed, quarantineOf } from '#modules/landscape/index';
import type { Batch, FeedShape } from '../modules/landscape/model.ts';
import { hubOrganisation, migrations, pipelineOf } from '../app/compose.ts';
import type { Config } from '../app/config.ts';
import { openWorld, type World } from '../app/world.ts';
import { hubAt, type Hub } from './hub.ts';

export interface IngestRequest {
  readonly files: readonly string[];
  readonly feed: string | null;
  readonly type: string | null;
  readonly shape: FeedShape | null;
}
interface Line { phase: string; bytes?: number; read?: number; stored?: number; batch?: Batch; failure?: string }
type Report = (line: Line) => void;
interface Why { reasons: { reason: string; rows: number }[]; candidates: string[] }
interface Sent { batch: Batch; why: Why }
type Send = (file: string, feed: string, shape: FeedShape, report: Report) => Promise<Sent>;

/** Ingests all files in order; answers the exit code: 0, or 1 if a file failed. */
export async function ingest(request: IngestRequest, config: Config): Promise<number> {
  const folder = config.ENTENTE_DATA ?? join('data', 'hub');
  const totals = { read: 0, stored: 0, duplicate: 0, quarantined: 0, attributed: 0, failed: 0 };
  await withSender(folder, config, request, async (send) => {
    for (const file of request.files) {
      const shape = request.shape ?? (await shapeOf(file, request.type));
      const { batch, why } = await send(file, request.feed ?? `files-${shape}`, shape, progressOf(file));
      say(`${basename(file)}: ${summary(batch.counts)}${batch.failure ? ` — failed: ${batch.failure}` : ''}`);
      for (const { reason, rows } of why.reasons) say(`${basename(file)}: ${rows.toLocaleString('en')} quarantined: ${reason}`);
      if (why.candidates.length > 0) say(`${basename(file)}: its columns fit ${why.candidates.join(', ')}; name the right one with --type`);
      if (batch.drift) say(`${basename(file)}: its fields differ from the published shape; the batch ${batch.id} has the drift report`);
      for (const key of ['read', 'stored', 'duplicate', 'quarantined', 'attributed'] as const) totals[key] += batch.counts[key];
      if (batch.state !== 'done') totals.failed += 1;
    }
  });
  if (request.files.length > 1) say(`${request.files.length} files: ${summary(totals)}`);
  return totals.failed > 0 ? 1 : 0;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function summary(c: Batch['counts']): string {
  const n = (value: number): string => value.toLocaleString('en');
  return `read ${n(c.read)} = stored ${n(c.stored)} + duplicate ${n(c.duplicate)} + quarantined ${n(c.quarantined)}; attributed ${n(c.attributed)}`;
}

/** One line on the terminal that is written over; nothing where stderr is no terminal. */
function progressOf(file: string): Report {
  if (!process.stderr.isTTY) return () => undefined;
  return ({ phase, bytes = 0, read = 0, stored = 0 }) => {
    const text = `${basename(file)}: ${phase}, ${Math.round(bytes / 1e6)} MB, read ${read}, stored ${stored}`;
    process.stderr.write(phase === 'done' || phase === 'failed' ? '\r\x1b[K' : `\r\x1b[K${text}`);
  };
}

/** Which shape a file has, by the type given, its name, and what it begins with. */
async function shapeOf(file: string, type: string | null): Promise<FeedShape> {
  if (/\.csv(\.gz)?$/i.test(file)) return 'shadowserver';
  if (type === 'infected' || type === 'c2') return 'ctip';
  const head = await headOf(file);
  if (/^\s*<\?xml|<nmaprun/.test(head)) return 'nmap';
  return /"(SourceIp|DataFeed|ThreatCode|SourcedFrom)"/.test(head) ? 'ctip' : type !== null && !/^\s*[[{]/.test(head) ? 'shadowserver' : 'ndjson';
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The file ${file} cannot be read (${error.code}).`, 66, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16_384), 0, 16_384, 0);
    const head = buffer.subarray(0, bytesRead);
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    // Half a stream is fine here: only its beginning is looked at.
    return (packed ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head).toString('latin1');
  } catch {
    return '';
  } finally {
    await handle.close();
  }
}

async function withSender(
  folder: string, config: Config, request: IngestRequest, work: (send: Send) => Promise<void>,
): Promise<void> {
  const kind = (await kindOf(folder)) ?? 'production';
  const held = await holdFolder(folder, kind).catch(async (error: unknown) => {
    const holder = error instanceof StartError && error.exitCode === 75 ? await holderOf(folder) : null;
    if (holder?.address) return hubAt(holder.address, config.ENTENTE_TOKEN);
    throw error;
  });
  if (!('release' in held)) return work(overHttp(held, request.type));
  const lost: { reason?: string } = {};
  const quiet = lineTrace(systemClock(), () => undefined);
  try {
    // The demonstration keeps its years, whatever is set for others.
    const { world, close } = await openWorld(kind === 'demo' ? { ...config, ENTENTE_KEEP_ROWS: 0 } : config, {
      folder: held.path, ledger: held.ledger ?? 'unnamed/ledger', migrations, trace: quiet,
      onLost: (reason) => { lost.reason = reason; },
    });
    try {
      await work(await inFolder(world, request.type));
    } finally {
      await close();
    }
  } finally {
    await held.release();
  }
}

/** Through the folder itself. Its facts wait in the outbox; the next hub start sequences them. */
async function inFolder(world: World, type: string | null): Promise<Send> {
  const pipeline = pipelineOf(world);
  await pipeline.recover();
  return async (file, name, shape, report) => {
    const title = `Files ingested by hand (${shape})`;
    await insertFeed(world.db, hubOrganisation, world.ids.next('feed'), world.clock.iso(), {
      name, title, shape, reportType: null, sourceOrg: null, agreement: null, cadenceHours: null, tlpDefault: 'AMBER',
    });
    const feed = await feedById(world.db, hubOrganisation, name);
    if (!feed) throw new StartError(`There is no feed ${name}.`, 65);
    const job = { feed, source: source(file), fileName: basename(file), typeGiven: type, actor: 'system' };
    const batch = await pipeline.ingest(job, { progress: ({ phase, bytes, counts }) => report({ phase, bytes, ...counts }) });
    const [detail, rows] = await Promise.all([
      batchById(world.db, hubOrganisation, batch.id), quarantineOf(world.db, batch.id, { after: -1, limit: 1 }),
    ]);
    return { batch, why: { reasons: detail?.reasons ?? [], candidates: rows[0]?.candidates ?? [] } };
  };
}

function overHttp(hub: Hub, type: string | null): Send {
  return async (file, name, shape, report) => {
    const feeds = await hub.ask<{ items: { id: string; name: string }[] }>('GET', '/api/feeds');
    const known = feeds.items.find((f) => f.name === name || f.id === name);
    const feed = known ?? (await hub.ask<{ feed: { id: string } }>('POST', '/api/feeds', {
      name, title: `Files ingested by hand (${shape})`, shape,
    })).feed;
    const query = new URLSearchParams({ file: basename(file), ...(type === null ? {} : { type }) });
    const last: { line?: Line } = {};
    await hub.stream(`/api/feeds/${encodeURIComponent(feed.id)}/batches?${query}`, () => source(file), (text) => {
      last.line = JSON.parse(text) as Line;
      report(last.line);
    });
    const batch = last.line?.batch;
    if (batch) return { batch, why: batch.counts.quarantined > 0 ? await whyOf(hub, batch.id) : { reasons: [], candidates: [] } };
    throw new StartError(`The hub could not take ${basename(file)}: ${(last.line?.failure ?? 'it said nothing').replace(/\.$/, '')}.`, 70);
  };
}

/** Why rows were quarantined, as far as the token may see it. */
async function whyOf(hub: Hub, batch: string): Promise<Why> {
  try {
    const { reasons } = await hub.ask<Pick<Why, 'reasons'>>('GET', `/api/batches/${batch}`);
    const { items } = await hub.ask<{ items: { candidates: string[] }[] }>('GET', `/api/batches/${batch}/quarantine?limit=1`);
    return { reasons, candidates: items[0]?.candidates ?? [] };
  } catch {
    return { reasons: [], candidates: [] };
  }
}

function source(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: 262_144 });
}
