/** Takes a file of vulnerability information in: first a look at what would be added or changed, then the same for good. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Meter } from '#ui/Meter';
import { Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useSending, type Sending } from '#ui/sending';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../../exchange/api/exchange.ts';
import { vulnerabilitiesApi } from '../api.ts';
import { counted, tlpLabels, type Counts } from '../model.ts';
import { vulnerabilityAddress } from './marks.tsx';

interface ReportLine { readonly place: string; readonly id: string; readonly outcome: 'problem' | 'added' | 'changed' | 'older'; readonly text: string }
interface Report {
  readonly counts: Counts;
  readonly formats: Readonly<Record<string, number>>;
  readonly edition: string | null;
  readonly lines: readonly ReportLine[];
  readonly linesLeftOff: number;
}
interface Line extends Partial<Counts> { readonly phase: string; readonly report?: Report }
interface Known { readonly read: number; readonly dry: boolean; readonly report: Report | null }
type Going = Sending & Known;
interface How { readonly source: string; readonly kind: string; readonly unmarked: string; readonly collection: string }

const told = (value: unknown): Partial<Known> => {
  const { records, report } = value as Line;
  return { ...(records === undefined ? {} : { read: records }), ...(report ? { report, read: report.counts.records } : {}) };
};

export function ImportVulnerabilities() {
  const { t } = useWords();
  const [file, setFile] = useState<File | null>(null);
  const [how, setHow] = useState<How>({ source: '', kind: 'own', unmarked: '', collection: '' });
  const { going, take, cancel } = useSending(told);
  const mayPublish = useAsk(vulnerabilitiesApi['vulnerabilities.sources'], {}).data?.mayPublish ?? false;
  const shared = (useAsk(exchangeApi['collections.list'], {}).data?.own ?? []).filter((c) => c.kind === 'shared');
  const busy = going !== null && !going.over;
  const begin = (dry: boolean): void => {
    if (!file) return;
    const { source, kind, unmarked, collection } = how;
    const { url } = requestOf({ ...vulnerabilitiesApi['vulnerabilities.import'], method: 'GET' }, {
      source: source.trim() || 'own', kind, ...(unmarked === '' ? {} : { unmarked }), ...(collection === '' ? {} : { collection }),
      dry: dry ? 'yes' : 'no', file: file.name,
    });
    void take({ url, file, start: { read: 0, dry, report: null }, keeps: !dry });
  };
  const change = (patch: Partial<How>) => setHow((was) => ({ ...was, ...patch }));
  return (
    <Page title={t('nav.vulnerability-import')} description={t('vuln-import.text')} above={<Link to="/vulnerabilities">{t('nav.vulnerabilities')}</Link>}>
      <Section>
        <Form
          act={t('import-threats.act')} busy={busy} why={file ? null : t('ingest.why')} error={going?.error ?? null} onAct={() => begin(false)}
          aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button>
            : <Button variant="default" disabled={!file} onClick={() => begin(true)}>{t('import-threats.look')}</Button>}
        >
          <FileInput
            label={t('batch.file')} description={t('vuln-import.file-how')} placeholder={t('ingest.choose')} value={file} onChange={setFile}
            leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
          />
          <NativeSelect
            label={t('vuln.source-kind')} description={t('vuln-import.kind-how')} value={how.kind} onChange={(e) => change({ kind: e.currentTarget.value })}
            data={[...mayPublish ? ['public'] : [], 'own', 'partner'].map((value) => ({ value, label: t(`vuln.kind-${value}`) }))}
          />
          <TextInput
            label={t('vuln.source')} description={t('vuln-import.source-how')} value={how.source} maxLength={80}
            onChange={(e) => change({ source: e.currentTarget.value })}
          />
          <NativeSelect
            label={t('import-threats.unmarked')} description={t('vuln-import.unmarked-how')} value={how.unmarked}
            data={[{ value: '', label: t(how.kind === 'public' ? 'vuln-import.unmarked-public' : 'vuln-import.unmarked-own') },
              ...[...tlpLabels].reverse().map((l) => ({ value: l, label: `TLP:${l}` }))]}
            onChange={(e) => change({ unmarked: e.currentTarget.value })}
          />
          {shared.length > 0 && how.kind !== 'public' ? (
            <NativeSelect
              label={t('vuln-import.collection')} description={t('vuln-import.collection-how')} value={how.collection}
              data={[{ value: '', label: t('vuln-import.nobody') }, ...shared.map((c) => ({ value: c.id, label: `${c.partnerName ?? ''}: ${c.title}` }))]}
              onChange={(e) => change({ collection: e.currentTarget.value })}
            />
          ) : null}
        </Form>
      </Section>
      {going ? <Progressing going={going} /> : null}
    </Page>
  );
}

const meanings: Readonly<Record<string, Meaning>> = { problem: 'danger', added: 'good', changed: 'info', older: 'warn' };

function Progressing({ going }: { readonly going: Going }) {
  const { t, number } = useWords();
  const { report } = going;
  return (
    <Section title={going.dry ? t('import-threats.would') : t('batch.progress')}>
      <div style={{ display: 'grid', gap: 14 }} aria-live="polite">
        <Meter label={t('ingest.sent')} done={going.sent} total={going.size} />
        <Meter label={t('vuln-import.read')} done={going.read} total={going.over ? going.read : null} />
      </div>
      {report ? (
        <>
          <Particulars
            items={[
              [t('vuln-import.formats'), Object.entries(report.formats).map(([f, n]) => `${t(`vuln-format.${f}`)}: ${number(n)}`).join(', ')
                || t('vuln-import.nothing')],
              ...report.edition === null ? [] : [[t('vuln.edition'), report.edition] as const],
              ...counted.filter((c) => report.counts[c] > 0).map((c) => [t(`vuln-count.${c}`), number(report.counts[c])] as const),
            ]}
          />
          {report.lines.length > 0 ? (
            <RowTable
              label={t('import-threats.lines')} rows={report.lines} rowKey={(l) => `${l.place} ${l.id} ${l.text}`} tall={420}
              columns={[
                { key: 'outcome', head: t('import-threats.outcome'), sort: (l) => l.outcome,
                  cell: (l) => <Mark is={meanings[l.outcome] ?? 'none'}>{t(`vuln-outcome.${l.outcome}`)}</Mark> },
                {
                  key: 'id', head: t('vuln.id'), sort: (l) => l.id,
                  cell: (l) => (l.id === '' ? '' : going.dry || l.outcome === 'problem'
                    ? <code>{l.id}</code> : <Link to={vulnerabilityAddress(l.id)}>{l.id}</Link>),
                },
                { key: 'place', head: t('import-threats.place'), wrap: true, cell: (l) => l.place },
                { key: 'text', head: t('import-threats.what'), wrap: true, cell: (l) => l.text },
              ]}
            />
          ) : null}
          {report.linesLeftOff > 0 ? <p className="e-small e-faint">{t('import-threats.left-off', { count: number(report.linesLeftOff) })}</p> : null}
        </>
      ) : null}
    </Section>
  );
}
