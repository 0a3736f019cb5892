/** What a server says it has: its API roots and their collections, with what one may do there. */
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import type { Found, FoundCollection, FoundRoot } from '../model/peers.ts';

interface RootsProps {
  readonly found: Found;
  /** What can be done with a collection. */
  readonly act?: (root: FoundRoot, collection: FoundCollection) => React.ReactNode;
}

export function Roots({ found, act }: RootsProps) {
  const { t } = useWords();
  const rows = found.roots.flatMap((root) => root.collections.map((collection) => ({ root, collection })));
  const troubled = found.roots.filter((root) => root.trouble !== null);
  return (
    <>
      {troubled.map((root) => (
        <p key={root.url}><Mark is="warn">{root.title || root.url}</Mark> {root.trouble ? t(`refusal.${root.trouble}`) : ''}</p>
      ))}
      <RowTable
        label={t('peers.found')} rows={rows} rowKey={({ root, collection }) => `${root.url} ${collection.id}`}
        empty={<EmptyState title={t('peers.found-none')} how={t('peers.found-none-how')} />}
        columns={[
          { key: 'title', head: t('peers.collection'), wrap: true, cell: ({ collection: c }) => (
            <>{c.title || c.id}{c.description ? <div className="e-small e-faint">{c.description}</div> : null}</>
          ), sort: ({ collection: c }) => c.title },
          { key: 'root', head: t('peers.root'), spare: true, cell: ({ root }) => root.title || root.url, sort: ({ root }) => root.title },
          { key: 'may', head: t('peers.may'), cell: ({ collection: c }) => (
            <Mark is={c.canRead || c.canWrite ? 'good' : 'none'}>
              {t(c.canRead ? (c.canWrite ? 'peers.may-both' : 'peers.may-read') : c.canWrite ? 'peers.may-write' : 'peers.may-nothing')}
            </Mark>
          ) },
          ...act ? [{ key: 'act', head: t('peers.act'), cell: ({ root, collection }: typeof rows[number]) => act(root, collection) }] : [],
        ]}
      />
    </>
  );
}
