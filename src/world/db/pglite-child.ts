/**
 * The process that holds PGlite. Its one argument is the data folder; see child.ts for the conversation. PGlite itself would
 * open a folder twice and spoil it, so this process holds a lock of its own: that of a hub that was killed may live on for a
 * moment while its engine closes, and the next one waits for it.
 */
import { failToStart, serveParent } from '../child.ts';
import { tryLock } from '../folder.ts';
import { openEngine, type Engine } from './pglite.ts';

/** How long a predecessor may take to close, in steps of 100 ms. */
const patience = 200;

async function openAlone(folder: string): Promise<Engine> {
  for (let step = 0; process.platform === 'linux' && !(await tryLock(`${folder}#records`)); step++) {
    if (step >= patience) throw new Error(`another process holds the records in ${folder}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return openEngine(folder);
}

openAlone(process.argv[2] ?? '').then(
  (engine) =>
    serveParent(
      { run: (query: { sql: string; parameters: unknown[] }) => engine.run(query.sql, query.parameters) },
      engine.close,
    ),
  failToStart,
);
