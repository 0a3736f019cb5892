/** What changed in the source code from one release to another: counts first, then file by file. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Hash } from '#ui/Hash';
import { Mark, type Meaning } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { ButtonLink, Link, usePathParameter, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import { changeKinds, type FileChange } from '../model.ts';
import { useSize } from './marks.tsx';

const meanings: Readonly<Record<FileChange['kind'], Meaning>> = { added: 'good', removed: 'danger', changed: 'info', moved: 'none' };

export function Changes() {
  const { t, number } = useWords();
  const size = useSize();
  const id = usePathParameter('release');
  const [{ since = '', cursor = '0' }] = useUrlState();
  const asked = useAsk(catalogueApi['releases.changes'], { release: id, since, cursor: Number(cursor) || 0 }, { keep: true });
  return (
    <Page title={t('catalogue.changes')} description={t('catalogue.changes-text')} above={<Link to={`/releases/${id}`}>{t('catalogue.release')}</Link>}>
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {({ items, counts, same, next }) => (
          <Section title={changeKinds.map((k) => t(`catalogue.count-${k}`, { count: number(counts[k]) })).join(', ')}>
            {same ? <EmptyState title={t('catalogue.same')} how={t('catalogue.same-how')} /> : (
              <RowTable
                label={t('catalogue.changes')} rows={items} rowKey={(c) => c.path} tall={720}
                columns={[
                  { key: 'kind', head: t('catalogue.change'), sort: (c) => c.kind,
                    cell: (c) => <Mark is={meanings[c.kind]}>{t(`catalogue.change-${c.kind}`)}</Mark> },
                  { key: 'path', head: t('catalogue.path'), wrap: true, sort: (c) => c.path,
                    cell: (c) => (
                      <>
                        <code>{c.path}</code>
                        {c.from === null ? null : <><br /><span className="e-small e-faint">{t('catalogue.from', { path: c.from })}</span></>}
                      </>
                    ) },
                  { key: 'size', head: t('catalogue.size'), right: true, spare: true, sort: (c) => c.bytesAfter - c.bytesBefore,
                    cell: (c) => `${size(c.bytesBefore)} → ${size(c.bytesAfter)}` },
                  { key: 'digest', head: t('catalogue.digest'), spare: true, cell: (c) => <Hash value={c.after ?? c.before ?? ''} /> },
                ]}
              />
            )}
            {next === null ? null : <ButtonLink to={`/releases/${id}/changes?since=${since}&cursor=${next}`} variant="default">{t('ui.more')}</ButtonLink>}
          </Section>
        )}
      </Answer>
    </Page>
  );
}
