/** How many rows have an owner in the registry, who they are, and the networks in which to look for more. */
import { useAsk } from '#ui/asking';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Shares } from '#ui/Meter';
import { Answer, Columns, Section } from '#ui/Page';
import { ButtonLink, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

export function Attribution() {
  const { t, number, percent, country, day } = useWords();
  const [search] = useUrlState();
  const area = search['area'];
  const asked = useAsk(landscapeApi.attribution, area ? { area } : {}, { keep: true });
  return (
    <Answer of={asked} skeleton={<TableSkeleton />}>
      {(a) => (
        <Columns>
          <Section
            title={t('attribution.title')} note={t('attribution.note', { from: day(a.from), to: day(a.to) })}
            aside={<ButtonLink to="/events?owner=none" variant="default" size="xs">{t('attribution.unowned-rows')}</ButtonLink>}
          >
            <Shares
              label={t('attribution.title')}
              parts={[
                { label: t('attribution.with'), value: a.attributed, colour: 'var(--e-cat-0)' },
                { label: t('attribution.without'), value: a.unattributed, colour: 'var(--e-line-strong)' },
              ]}
            />
            <p className="e-quiet">
              {a.attributedPercent === null ? t('attribution.none') : t('attribution.says', {
                percent: percent(a.attributedPercent), total: number(a.total),
              })}
            </p>
            <RowTable
              label={t('attribution.owners')} rows={a.owners} rowKey={(o) => o.owner} to={(o) => `/constituents/${o.owner}/exposure`}
              empty={<EmptyState title={t('attribution.owners-empty')} how={t('attribution.owners-how')} />}
              columns={[
                { key: 'name', head: t('attribution.owner'), cell: (o) => o.name, sort: (o) => o.name },
                { key: 'events', head: t('nav.events'), right: true, cell: (o) => number(o.events), sort: (o) => o.events },
                { key: 'assets', head: t('attribution.assets'), right: true, cell: (o) => number(o.assets), sort: (o) => o.assets },
              ]}
            />
          </Section>
          <Section title={t('attribution.hunt')} note={t('attribution.hunt-note')}>
            <RowTable
              label={t('attribution.hunt')} rows={a.hunt} rowKey={(h) => `${h.asn} ${h.area}`}
              to={(h) => `/events?owner=none&area=${h.area}${h.asn === null ? '' : `&asn=${h.asn}`}&from=${a.from}&to=${a.to}`}
              empty={<EmptyState title={t('attribution.hunt-empty')} />}
              columns={[
                { key: 'asn', head: t('event.asn'), cell: (h) => (h.asn === null ? t('event.unknown') : `AS${h.asn}`), sort: (h) => h.asn },
                { key: 'area', head: t('overview.area'), cell: (h) => (h.area === 'ZZ' ? t('excluded.nowhere') : country(h.area)) },
                { key: 'events', head: t('nav.events'), right: true, cell: (h) => number(h.events), sort: (h) => h.events },
                { key: 'assets', head: t('attribution.assets'), right: true, cell: (h) => number(h.assets), sort: (h) => h.assets },
              ]}
            />
          </Section>
        </Columns>
      )}
    </Answer>
  );
}
