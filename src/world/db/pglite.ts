/**
 * Records in the data folder: PGlite (PostgreSQL in WebAssembly), in a process of its own for the hub, in this one for
 * tests. PGlite does not fsync: it survives the death of the process, not of the machine; production uses PostgreSQL.
 * A new folder is copied from a template that the build made, since creating one costs seconds.
 */
import { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.ts';
import { serialDialect, type SerialResult } from './dialect.ts';
import { columnParsers, dbOver } from './kysely.ts';
import type { Db } from './port.ts';
import { schemaWork } from './scope.ts';

/** Where the build leaves the template: `dist/pgdata` of the package. */
export function templateFolder(): string {
  return join(fileURLToPath(new URL('../../../dist', import.meta.url)), 'pgdata');
}

/** Makes the template unless it is there. Two at once: the first rename wins, the other's copy is thrown away. */
export async function ensureTemplate(folder = templateFolder()): Promise<string> {
  if (await exists(join(folder, 'PG_VERSION'))) return folder;
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(dirname(folder), { recursive: true });
  const engine = await PGlite.create(draft);
  await engine.close();
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return folder;
}

/**
 * Puts a fresh database at `folder` if there is none. If we crash while copying, the draft beside it is left behind
 * and the next start copies anew: `folder` itself appears whole or not at all.
 */
export async function prepareFolder(folder: string): Promise<void> {
  if (await exists(join(folder, 'PG_VERSION'))) return;
  const template = await ensureTemplate();
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await cp(template, draft, { recursive: true });
  await rename(draft, folder);
}

export interface Engine {
  run(sql: string, parameters: readonly unknown[]): Promise<SerialResult>;
  close(): Promise<void>;
}

/** Opens PGlite in this process. */
export async function openEngine(folder: string): Promise<Engine> {
  await prepareFolder(folder);
  const engine = await PGlite.create(folder, { parsers: { ...columnParsers } });
  await engine.query("set timezone to 'UTC'");
  return {
    async run(sql, parameters) {
      const result = await engine.query<Record<string, unknown>>(sql, [...parameters]);
      return { rows: result.rows, affectedRows: result.affectedRows ?? 0 };
    },
    close: () => engine.close(),
  };
}

/** Records for tests and one-shot commands: PGlite in this process. */
export async function openPgliteHere(folder: string, strict = false): Promise<Db> {
  const engine = await openEngine(folder);
  return dbOver({
    engine: 'pglite', dialect: serialDialect(engine.run, strict), asHub: schemaWork, residentMb: async () => null, close: engine.close,
  });
}

/** Records for the hub: PGlite in its own process. `onLost` is told if that process dies unasked. */
export async function openPglite(folder: string, onLost: (reason: string) => void, strict = false): Promise<Db> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = await startChild('records', new URL(`./pglite-child.${extension}`, import.meta.url), [folder]);
  child.onLost(onLost);
  const run = (sql: string, parameters: readonly unknown[]): Promise<SerialResult> =>
    child.ask<SerialResult>('run', { sql, parameters });
  return dbOver({
    engine: 'pglite', dialect: serialDialect(run, strict), asHub: schemaWork, residentMb: child.residentMb, close: () => child.stop(),
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
