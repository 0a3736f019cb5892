/** Records for tests: the real engine in a temporary folder, copied from the template, gone at the end. */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { factsMigrations } from '../facts.ts';
import { openPgliteHere } from './pglite.ts';
import type { Db, Migration } from './port.ts';

/** So many migrations cost more than a copy of what they made: a whole hub's. */
const worthKeeping = 20;
const kept = fileURLToPath(new URL('../../../node_modules/.cache/entente', import.meta.url));

/** A migrated database. Opening costs about a second: open one a file and share it among the file's tests. */
export async function testDb(migrations: readonly Migration[] = []): Promise<Db> {
  const all = [...factsMigrations, ...migrations];
  const folder = await mkdtemp(join(tmpdir(), 'entente-db-'));
  const data = join(folder, 'pgdata');
  const db = await openCopy(all.length >= worthKeeping ? await migratedFolder(all) : null, data);
  await db.migrate(all);
  return {
    ...db,
    async close() {
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Once in some hundred openings in one process the engine does not come up; on a fresh copy it does. */
async function openCopy(template: string | null, data: string): Promise<Db> {
  for (let attempt = 1; ; attempt++) {
    if (template) await copyFolder(template, data);
    try {
      return await openPgliteHere(data);
    } catch (error) {
      if (attempt >= 3 || !/failed to initialize/.test(String(error))) throw error;
      await rm(data, { recursive: true, force: true });
    }
  }
}

/** A thousand small files: the system's own copier takes a tenth of the time that Node's does. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-R', from, to]).catch(() => cp(from, to, { recursive: true }));
}

/** Milliseconds after which a template is no test's of this run any more. */
const staleMs = 86_400_000;

/**
 * A database with exactly these migrations, made once for all tests of the package. Two at once: the first rename wins. Old ones
 * are thrown away; a fresh one of other migrations may be what the test beside this one is copying.
 */
async function migratedFolder(migrations: readonly Migration[]): Promise<string> {
  const text = JSON.stringify(migrations.map(({ name, sql }) => [name, sql]));
  const name = `records-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const folder = join(kept, name);
  if (await stat(join(folder, 'PG_VERSION')).then(() => true, () => false)) return folder;
  await mkdir(kept, { recursive: true });
  const draft = join(kept, `draft-${randomUUID()}`);
  const db = await openPgliteHere(draft);
  await db.migrate(migrations);
  await db.close();
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  const others = (await readdir(kept)).filter((entry) => entry.startsWith('records-') && entry !== name);
  await Promise.all(others.map(async (entry) => {
    const made = await stat(join(kept, entry)).then(({ mtimeMs }) => mtimeMs, () => Number.POSITIVE_INFINITY);
    if (Date.now() - made > staleMs) await rm(join(kept, entry), { recursive: true, force: true });
  }));
  return folder;
}
