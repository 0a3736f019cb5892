/** How long the landscape keeps what it could not take, and what came of each fetching: it serves to mend a feed, and is nobody's figure. */
import { rowsOf, type RetentionClass } from '#modules/parties/index';

export const landscapeRetention: readonly RetentionClass[] = [
  rowsOf('quarantine', 180, {
    table: 'landscape_quarantine', id: `r.batch || ':' || r.seq`, person: 'null::text',
    org: '(select b.scope from landscape_batch b where b.id = r.batch)', since: '(select b.started_at from landscape_batch b where b.id = r.batch)',
  }),
  rowsOf('source-run', 90, { table: 'landscape_source_run', org: 'r.scope', person: 'r.person', since: 'r.started_at' }),
];
