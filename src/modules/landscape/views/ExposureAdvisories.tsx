/** Advisories on open systems: what was said, how grave it is, and how many systems it speaks of now. */
import { useReader } from '#ui/reader';
import { EmptyState } from '#ui/EmptyState';
import { Mark, Tag, type Meaning } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';

const graveness: Readonly<Record<string, Meaning>> = { critical: 'danger', high: 'warn', medium: 'warn', low: 'info', info: 'info' };

export function Grave({ severity }: { readonly severity: string }) {
  const { t } = useWords();
  return <Mark is={graveness[severity] ?? 'none'}>{t(`severity.${severity}`)}</Mark>;
}

export function Cves({ of }: { readonly of: readonly string[] }) {
  return of.map((cve) => <span key={cve}>{' '}<Tag>{cve}</Tag></span>);
}

export function ExposureAdvisories() {
  const { t, number } = useWords();
  const reader = useReader();
  const found = usePaged(landscapeApi.exposureAdvisories, {}, (a) => a);
  const act = reader.may('exposure-advisory.publish') ? <ButtonLink to="/exposure-advisories/publish">{t('nav.advisory-publish')}</ButtonLink> : null;
  return (
    <Page title={t('nav.advisories')} description={t('advisories.text')} act={act}>
      <Section>
        <PagedTable
          of={found} label={t('nav.advisories')} rowKey={(a) => a.id} to={(a) => `/exposure-advisories/${a.id}`}
          empty={<EmptyState title={t('advisories.none')} how={t('advisories.none-how')} act={act} />}
          columns={[
            {
              key: 'title', head: t('advisories.title'), wrap: true, sort: (a) => a.title,
              cell: (a) => <><Link to={`/exposure-advisories/${a.id}`}>{a.title}</Link><Cves of={a.cves} /></>,
            },
            { key: 'severity', head: t('advisories.severity'), sort: (a) => a.severity, cell: (a) => <Grave severity={a.severity} /> },
            { key: 'state', head: t('advisories.state-systems'), right: true, sort: (a) => a.counts.stateSystems, cell: (a) => number(a.counts.stateSystems) },
            { key: 'systems', head: t('advisories.systems'), right: true, sort: (a) => a.counts.systems, cell: (a) => number(a.counts.systems) },
            { key: 'owners', head: t('advisories.owners'), right: true, spare: true, sort: (a) => a.counts.owners, cell: (a) => number(a.counts.owners) },
            {
              key: 'standing', head: t('asset.state'), sort: (a) => a.withdrawnAt,
              cell: (a) => (a.withdrawnAt ? <Mark is="none">{t('advisories.withdrawn')}</Mark> : <Mark is="good">{t('advisories.in-force')}</Mark>),
            },
            { key: 'at', head: t('advisories.published'), spare: true, sort: (a) => a.publishedAt, cell: (a) => <Time at={a.publishedAt} /> },
          ]}
        />
      </Section>
    </Page>
  );
}
