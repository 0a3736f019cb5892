/** Vulnerabilities within reach, found as one types; what is exploited and what is likely to be can be asked for by itself. */
import { Choice, Filters, Typed } from '#ui/Filters';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useAsk } from '#ui/asking';
import { Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { vulnerabilitiesApi } from '../api.ts';
import type { severities } from '../model.ts';
import { ExploitedMark, SeverityMark, usePercent, vulnerabilityAddress } from './marks.tsx';

const asked = ['critical', 'high', 'medium', 'low'] as const;
const likely = ['0.9', '0.5', '0.1', '0.01'] as const;

export function Vulnerabilities() {
  const { t, number } = useWords();
  const percent = usePercent();
  const reader = useReader();
  const [search] = useUrlState();
  const { q, severity, kev, epss } = search;
  const input = {
    ...(q ? { q } : {}), ...(severity ? { severity: severity as (typeof severities)[number] } : {}), ...(kev ? { kev: 'yes' as const } : {}),
    ...(epss ? { epss: Number(epss) } : {}),
  };
  const found = usePaged(vulnerabilitiesApi['vulnerabilities.search'], input, (a) => a);
  const act = <ButtonLink to="/check-products">{t('nav.check-products')}</ButtonLink>;
  return (
    <Page title={t('nav.vulnerabilities')} description={t('vuln.text')} act={act}>
      <Filters names={['q', 'severity', 'kev', 'epss']}>
        <Typed name="q" label={t('vuln.find')} type="search" placeholder={t('vuln.find-how')} />
        <Choice name="severity" label={t('vuln.severity-from')} all={t('ui.all')} options={asked.map((value) => ({ value, label: t(`cvss.${value}`) }))} />
        <Choice name="kev" label={t('vuln.kev-filter')} all={t('ui.all')} options={[{ value: 'yes', label: t('vuln.exploited') }]} />
        <Choice
          name="epss" label={t('vuln.epss-filter')} all={t('ui.all')}
          options={likely.map((value) => ({ value, label: `≥ ${number(Number(value) * 100)} %` }))}
        />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.vulnerabilities')} rowKey={(v) => v.name} to={(v) => vulnerabilityAddress(v.name)}
          empty={q || severity || kev || epss ? <EmptyState title={t('vuln.none-found')} how={t('vuln.none-found-how')} />
            : <EmptyState title={t('vuln.empty')} how={t('vuln.empty-how')} />}
          columns={[
            {
              key: 'name', head: t('vuln.id'), wrap: true, sort: (v) => v.name,
              cell: (v) => <><Link to={vulnerabilityAddress(v.name)}>{v.name}</Link><br /><span className="e-small">{v.title}</span></>,
            },
            { key: 'severity', head: t('vuln.severity'), cell: (v) => <SeverityMark score={v.score} severity={v.severity} />, sort: (v) => v.score ?? -1 },
            {
              key: 'exploited', head: t('vuln.kev'), sort: (v) => Number(v.exploited),
              cell: (v) => (v.exploited ? <ExploitedMark /> : v.withdrawn ? <Mark is="none">{t('vuln.withdrawn')}</Mark> : ''),
            },
            { key: 'epss', head: t('vuln.epss'), spare: true, sort: (v) => v.probability ?? -1,
              cell: (v) => (v.probability === null ? '' : percent(v.probability)) },
            { key: 'tlp', head: t('threats.tlp'), spare: true, cell: (v) => <TlpLabel label={v.tlp} />, sort: (v) => v.tlp },
            { key: 'changed', head: t('vuln.changed'), spare: true, cell: (v) => <Time at={v.changedAt} />, sort: (v) => v.changedAt },
          ]}
        />
      </Section>
      {reader.may('threat.list') ? <Sources /> : null}
    </Page>
  );
}

function Sources() {
  const { t, number } = useWords();
  const reader = useReader();
  const answer = useAsk(vulnerabilitiesApi['vulnerabilities.sources'], {}, { keep: true });
  const items = answer.data?.items ?? [];
  const aside = reader.may('vulnerability.import')
    ? <ButtonLink to="/vulnerabilities/import" variant="default">{t('nav.vulnerability-import')}</ButtonLink> : null;
  return (
    <Section title={t('vuln.sources')} note={t('vuln.sources-text')} aside={aside}>
      {items.length === 0 ? <EmptyState title={t('vuln.no-sources')} how={t('vuln.no-sources-how')} /> : (
        <RowTable
          label={t('vuln.sources')} rows={items} rowKey={(s) => s.id}
          columns={[
            { key: 'name', head: t('vuln.source'), wrap: true, cell: (s) => (s.name === 'own' ? t('vuln.source-own') : s.name), sort: (s) => s.name },
            { key: 'kind', spare: true, head: t('vuln.source-kind'), cell: (s) => t(`vuln.kind-${s.kind}`), sort: (s) => s.kind },
            { key: 'records', head: t('vuln.records'), spare: true, sort: (s) => s.records,
              cell: (s) => (s.records === 0 && s.edition !== null ? '' : number(s.records)) },
            { key: 'edition', head: t('vuln.edition'), cell: (s) => s.edition ?? '', sort: (s) => s.edition ?? '' },
            { key: 'last', head: t('vuln.last'), cell: (s) => (s.lastAt === null ? t('vuln.never') : <Time at={s.lastAt} />), sort: (s) => s.lastAt ?? '' },
          ]}
        />
      )}
    </Section>
  );
}
