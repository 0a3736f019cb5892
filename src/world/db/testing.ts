/** Records for tests: the real engine in a temporary folder, copied from the template, gone at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factsMigrations } from '../facts.ts';
import { openPgliteHere } from './pglite.ts';
import type { Db, Migration } from './port.ts';

/** A migrated database. Opening costs about a second: open one a file and share it among the file's tests. */
export async function testDb(migrations: readonly Migration[] = []): Promise<Db> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-db-'));
  const db = await openPgliteHere(join(folder, 'pgdata'));
  await db.migrate([...factsMigrations, ...migrations]);
  return {
    ...db,
    async close() {
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
