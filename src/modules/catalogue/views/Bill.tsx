/** What a bill of materials tells: figures first, then copies by version, what is out of support, and known vulnerabilities. */
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Lines, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';

type View = OutputOf<(typeof catalogueApi)['components.list']>;

export function Bill({ artefact }: { readonly artefact: string }) {
  const asked = useAsk(catalogueApi['components.list'], { artefact });
  return <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>;
}

function Shown({ kind, version, report, vulnerabilities }: View) {
  const { t, number } = useWords();
  const { oldest } = report;
  return (
    <>
      <Section title={t('catalogue.bill')} note={t('catalogue.bill-text')}>
        <Particulars
          items={[
            [t('catalogue.format'), `${kind === 'spdx' ? 'SPDX' : 'CycloneDX'} ${version}`],
            [t('catalogue.components'), t('catalogue.components-of', { count: number(report.components), distinct: number(report.distinct) })],
            [t('catalogue.oldest'), oldest ? `${oldest.name} ${oldest.version ?? ''}, ${oldest.released.slice(0, 10)}` : t('catalogue.unknown')],
            [t('catalogue.median-age'), report.medianAgeDays === null ? t('catalogue.unknown') : t('catalogue.days', { count: number(report.medianAgeDays) })],
            [t('catalogue.age-unknown'), number(report.ageUnknown)], [t('catalogue.support-unknown'), number(report.supportUnknown)],
            [t('catalogue.nameless'), number(report.nameless)], [t('catalogue.version-unknown'), number(report.versionUnknown)],
          ]}
        />
      </Section>
      {report.duplicates.length === 0 ? null : (
        <Section title={t('catalogue.copies')}>
          <RowTable
            label={t('catalogue.copies')} rows={report.duplicates} rowKey={(d) => d.name} tall={420}
            columns={[
              { key: 'name', head: t('catalogue.component'), wrap: true, sort: (d) => d.name, cell: (d) => <code>{d.name}</code> },
              { key: 'copies', head: t('catalogue.copies'), right: true, sort: (d) => d.copies, cell: (d) => number(d.copies) },
              { key: 'versions', head: t('catalogue.versions'), wrap: true, sort: (d) => d.versions.length,
                cell: (d) => d.versions.map((v) => `${v.version || t('catalogue.unknown')} ×${number(v.copies)}`).join(', ') },
            ]}
          />
        </Section>
      )}
      {report.outOfSupport.length === 0 ? null : (
        <Section title={t('catalogue.out-of-support')}>
          <RowTable
            label={t('catalogue.out-of-support')} rows={report.outOfSupport} rowKey={(c) => `${c.name} ${c.version ?? ''} ${c.since}`} tall={420}
            columns={[
              { key: 'name', head: t('catalogue.component'), wrap: true, sort: (c) => c.name, cell: (c) => <code>{`${c.name} ${c.version ?? ''}`}</code> },
              { key: 'since', head: t('catalogue.since'), sort: (c) => c.since, cell: (c) => c.since.slice(0, 10) },
            ]}
          />
        </Section>
      )}
      <Vulnerable of={vulnerabilities} />
    </>
  );
}

function Vulnerable({ of }: { readonly of: View['vulnerabilities'] }) {
  const { t, number } = useWords();
  if (of === null) return null;
  return (
    <Section title={t('catalogue.vulnerable')} note={t('catalogue.vulnerable-text', { asked: number(of.asked), undecided: number(of.undecided) })}>
      {of.affected.length === 0 ? <EmptyState title={t('catalogue.not-vulnerable')} how={t('catalogue.not-vulnerable-how')} /> : (
        <RowTable
          label={t('catalogue.vulnerable')} rows={of.affected} rowKey={(v) => `${v.asked} ${v.name}`} tall={420}
          columns={[
            { key: 'name', head: t('catalogue.vulnerability'), wrap: true, sort: (v) => v.name,
              cell: (v) => <><code>{v.name}</code><br /><span className="e-small e-faint">{v.title}</span></> },
            { key: 'of', head: t('catalogue.component'), wrap: true, spare: true, sort: (v) => v.asked, cell: (v) => <code>{v.asked}</code> },
            { key: 'score', head: t('catalogue.score'), right: true, sort: (v) => v.score ?? -1, cell: (v) => (v.score === null ? '' : number(v.score, 1)) },
            { key: 'exploited', head: t('catalogue.exploited'), cell: (v) => (v.exploited ? <Mark is="danger">{t('catalogue.is-exploited')}</Mark> : '') },
          ]}
        />
      )}
    </Section>
  );
}
