/** Everything within reach, found as one types: one's own and what others share. */
import { Choice, Filters, Typed } from '#ui/Filters';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import { shownTypes, typeWords } from './words.ts';

export const threatAddress = (id: string): string => `/threats/${encodeURIComponent(id)}`;

export function Threats() {
  const words = useWords();
  const { t } = words;
  const reader = useReader();
  const [search] = useUrlState();
  const { q, type, collection } = search;
  const input = { ...(q ? { q } : {}), ...(type ? { type } : {}), ...(collection ? { collection } : {}) };
  const found = usePaged(exchangeApi['threats.search'], input, (a) => a);
  const act = reader.may('threat.import') ? <ButtonLink to="/threats/import">{t('nav.threat-import')}</ButtonLink> : null;
  const asked = Boolean(q || type || collection);
  return (
    <Page title={t('nav.threats')} description={t('threats.text')} act={act}>
      <Filters names={['q', 'type', 'collection']}>
        <Typed name="q" label={t('threats.find')} type="search" placeholder={t('threats.find-how')} />
        <Choice name="type" label={t('threats.type')} all={t('ui.all')} options={shownTypes.map((value) => ({ value, label: typeWords(words, value) }))} />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.threats')} rowKey={(o) => `${o.owner} ${o.id} ${o.addedAt}`} to={(o) => threatAddress(o.id)}
          empty={asked ? <EmptyState title={t('threats.none-found')} how={t('threats.none-found-how')} />
            : <EmptyState title={t('threats.empty')} how={t('threats.empty-how')} act={act} />}
          columns={[
            { key: 'name', head: t('threats.name'), wrap: true, cell: (o) => <Link to={threatAddress(o.id)}>{o.name}</Link>, sort: (o) => o.name },
            { key: 'type', head: t('threats.type'), cell: (o) => typeWords(words, o.type), sort: (o) => o.type },
            { key: 'tlp', head: t('threats.tlp'), cell: (o) => <TlpLabel label={o.tlp} />, sort: (o) => o.tlp },
            {
              key: 'said', head: t('threats.version'), spare: true, sort: (o) => o.said,
              cell: (o) => (o.revoked ? <Mark is="warn">{t('threats.revoked')}</Mark> : o.said === '' ? '' : <Time at={o.said} />),
            },
            { key: 'added', head: t('threats.added'), spare: true, cell: (o) => <Time at={o.addedAt} />, sort: (o) => o.addedAt },
          ]}
        />
      </Section>
      {reader.may('threat.list') ? <p className="e-small"><Link to="/quarantined-threats">{t('threats.to-aside')}</Link></p> : null}
    </Page>
  );
}
