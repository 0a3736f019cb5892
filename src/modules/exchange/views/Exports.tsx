/** Exports for one's own tools: what each gives now, until when, and how narrow it is. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { exportsApi } from '../api/exports.ts';
import type { Export } from '../model/exports.ts';

export function Exports() {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(exportsApi['exports.list'], {}, { keep: true });
  const act = reader.may('export.make') ? <ButtonLink to="/exports/make">{t('nav.export-make')}</ButtonLink> : null;
  return (
    <Page title={t('nav.exports')} description={t('exports.text')} act={act}>
      <Answer of={asked} skeleton={<TableSkeleton rows={6} />}>
        {({ items }) => (
          <Section>
            <RowTable
              label={t('nav.exports')} rows={items} rowKey={(i) =>
                i.export.id} empty={<EmptyState title={t('exports.none')} how={t('exports.none-how')} act={act} />}
              columns={[
                {
                  key: 'title', head: t('exports.title'), wrap: true, sort: (i) => i.export.title,
                  cell: (i) => <Link to={`/exports/${i.export.id}`}>{i.export.title}</Link>,
                },
                { key: 'form', head: t('exports.form'), cell: (i) => t(`export-form.${i.export.form}`), sort: (i) => i.export.form },
                { key: 'state', head: t('exports.state'), cell: (i) => <ExportMark of={i.export} />, sort: (i) => String(i.export.endedAt) },
                {
                  key: 'values', head: t('exports.values'), right: true, sort: (i) => i.release?.count ?? -1,
                  cell: (i) => (i.release ? number(i.release.count) : t('exports.nothing-yet')),
                },
                { key: 'tlp', head: t('exports.ceiling'), cell: (i) => <TlpLabel label={i.release?.tlp ?? i.export.ceiling} />, spare: true },
                { key: 'ends', head: t('exports.expires'), cell: (i) => (i.release ? <Time at={i.release.endsAt} /> : ''), sort: (i) =>
                  i.release?.endsAt ?? null },
              ]}
            />
          </Section>
        )}
      </Answer>
    </Page>
  );
}

export function ExportMark({ of }: { readonly of: Export }) {
  const { t } = useWords();
  if (of.endedAt !== null) return <Mark is="none">{t('exports.over')}</Mark>;
  if (of.current === 0) return <Mark is="wait">{t('exports.nothing-yet')}</Mark>;
  return of.pinned ? <Mark is="warn">{t('exports.pinned')}</Mark> : <Mark is="good">{t('exports.runs')}</Mark>;
}
