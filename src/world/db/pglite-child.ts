/** The process that holds PGlite. Its one argument is the data folder; see child.ts for the conversation. */
import { failToStart, serveParent } from '../child.ts';
import { openEngine } from './pglite.ts';

openEngine(process.argv[2] ?? '').then(
  (engine) =>
    serveParent(
      { run: (query: { sql: string; parameters: unknown[] }) => engine.run(query.sql, query.parameters) },
      engine.close,
    ),
  failToStart,
);
