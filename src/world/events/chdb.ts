/**
 * Events in the data folder: chDB (ClickHouse in process) in a child process, so that its memory, its threads and its
 * crashes stay out of the hub. Binary blocks are handed over as Native files in shared memory and read by `file()`,
 * the quickest way measured; they fall back to the data folder's `tmp` where shared memory is small.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { EngineError, startChild, type Child } from '../child.ts';
import { EventsError, type EventQuery, type EventRows, type Events } from './port.ts';
import { lookupStatement, tableStatement } from './statements.ts';

export interface ChdbOptions {
  /** Folder of the engine's own files; made if absent. */
  readonly folder: string;
  /** Limit of one query's memory; what is larger spills to disk. 400 unless said. */
  readonly memoryMb?: number;
  /** Reads that run at once; 2 unless said. */
  readonly readers?: number;
  /**
   * How long to wait for another process to let the folder go, in milliseconds; 4000 unless said. After kill -9 of a hub
   * its engine needs a moment to notice.
   */
  readonly patienceMs?: number;
  /** Told once if the engine's process dies unasked. */
  readonly onLost?: (reason: string) => void;
}

/** Least free shared memory in bytes for it to be used; small containers often have 64 MB. */
const leastShared = 256 * 1_048_576;

/** Opens the engine. Rejects with code `locked` when another process holds the folder. */
export async function openChdb(options: ChdbOptions): Promise<Events> {
  const folder = resolve(options.folder);
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./chdb-child.${extension}`, import.meta.url);
  const args = [folder, options.memoryMb ?? 400, options.readers ?? 2, options.patienceMs ?? 4000].map(String);
  const child = await startChild('events', entry, args).catch((error: unknown) => { throw explain(error, folder); });
  if (options.onLost) child.onLost(options.onLost);
  // We hold the folder now, so what lies in its hand-over place was left by a process that died.
  const place = await handover(folder);
  return eventsOver(child, place, await identityOf(folder));
}

/** How a statement names a table of ours. */
export const chdbTable = (table: string): string => `entente.${table}`;

/** Made once; it goes where the folder goes. */
async function identityOf(folder: string): Promise<string> {
  const path = join(folder, '..', `${basename(folder)}.identity`);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const made = randomUUID();
  await writeFile(path, `${made}\n`, { flush: true });
  return made;
}

async function handover(folder: string): Promise<string> {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const shared = await statfs('/dev/shm').catch(() => null);
  const roomy = shared !== null && shared.bavail * shared.bsize >= leastShared;
  const place = roomy ? join('/dev/shm', `entente-${key}`) : join(folder, '..', 'tmp', 'events');
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true, mode: 0o700 });
  return place;
}

function eventsOver(child: Child, place: string, identity: string): Events {
  const state = { next: 1 };
  const mark = (): string => `entente-${process.pid}-${state.next++}`;
  const ask = async (act: 'read' | 'write', q: EventQuery, format: string): Promise<Uint8Array> => {
    const name = mark();
    const stop = (): void => { child.ask('kill', name).catch(() => undefined); };
    q.abort_signal?.addEventListener('abort', stop, { once: true });
    try {
      q.abort_signal?.throwIfAborted();
      return await child.ask<Uint8Array>(act, { mark: name, query: q.query, params: plain(q.query_params), format });
    } catch (error) {
      if (q.abort_signal?.aborted) throw new EventsError('aborted', 'the query was stopped', { cause: error });
      throw explain(error, '');
    } finally {
      q.abort_signal?.removeEventListener('abort', stop);
    }
  };
  return {
    identity,
    here: chdbTable,
    async define(table) {
      await ask('write', { query: tableStatement(table, chdbTable(table.name)) }, 'Null');
    },
    async defineLookup(lookup) {
      await ask('write', { query: lookupStatement(lookup, chdbTable(lookup.name)) }, 'Null');
    },
    async query(q) {
      return rowsOf(await ask('read', q, q.format ?? 'JSONEachRow'));
    },
    async command(c) {
      await ask('write', c, 'Null');
    },
    async insert(i) {
      const path = join(place, `${state.next++}.native`);
      const file = await open(path, 'wx', 0o600);
      try {
        for (const block of i.values) await file.write(block);
      } finally {
        await file.close();
      }
      try {
        const query = `INSERT INTO ${i.table} SELECT * FROM file('${path}', 'Native')`;
        await ask('write', { query }, 'Null');
      } finally {
        await rm(path, { force: true });
      }
    },
    residentMb: () => child.residentMb(),
    async close() {
      await child.stop();
      await rm(place, { recursive: true, force: true });
    },
  };
}

function rowsOf(bytes: Uint8Array): EventRows {
  return {
    bytes: async () => bytes,
    async json<T>() {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      return text === '' ? [] : text.trimEnd().split('\n').map((line) => JSON.parse(line) as T);
    },
  };
}

/** Parameters as the engine binds them: no undefined. */
function plain(params: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params ?? {}).filter(([, value]) => value !== undefined));
}

function explain(error: unknown, folder: string): EventsError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof EngineError ? error.code : undefined;
  if (/Cannot lock file|\(CANNOT_OPEN_FILE\)/.test(message) || (folder !== '' && code === 'CHDB_CONNECTION')) {
    return new EventsError('locked', `another process holds the events folder ${folder}`, { cause: error });
  }
  return new EventsError(/Code: (\d+)/.exec(message)?.[1] ?? code ?? 'lost', message, { cause: error });
}
