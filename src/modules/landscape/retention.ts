/** How long the landscape keeps what it could not take: excerpts of rows serve to mend a feed, and are nobody's figure. */
import { rowsOf, type RetentionClass } from '#modules/parties/index';

export const landscapeRetention: readonly RetentionClass[] = [
  rowsOf('quarantine', 180, {
    table: 'landscape_quarantine', id: `r.batch || ':' || r.seq`, person: 'null::text',
    org: '(select b.scope from landscape_batch b where b.id = r.batch)', since: '(select b.started_at from landscape_batch b where b.id = r.batch)',
  }),
];
