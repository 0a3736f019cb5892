/** Takes a bundle in: first a look at what would become of it, line by line, then the same for good. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf } from '#kit/endpoint';
import { Form } from '#ui/Form';
import { Mark, type Meaning } from '#ui/Mark';
import { Meter } from '#ui/Meter';
import { Page, Particulars, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useSending, type Sending } from '#ui/sending';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import { exchangeApi } from '../api/exchange.ts';
import { outcomes, tlpLabels, type Outcome } from '../model/exchange.ts';
import { threatAddress } from './Threats.tsx';

interface Report {
  readonly total: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly lines: readonly { readonly place: string; readonly id: string; readonly version: string; readonly outcome: Outcome; readonly text: string }[];
  readonly linesLeftOff: number;
}
interface Losses {
  readonly events: number;
  readonly losses: readonly { readonly path: string; readonly what: string; readonly why: string }[];
  readonly more: boolean;
}
interface Line extends Partial<Record<Outcome, number>> {
  readonly phase: string;
  readonly total?: number;
  readonly dry?: boolean;
  readonly report?: Report;
  /** Of a file of MISP. */
  readonly misp?: Losses;
}
interface Known { readonly read: number; readonly dry: boolean; readonly report: Report | null; readonly misp: Losses | null }
type Going = Sending & Known;

const told = (value: unknown): Partial<Known> => {
  const { total, report, misp } = value as Line;
  return {
    ...(total === undefined ? {} : { read: total }), ...(report ? { report, read: report.total } : {}), ...(misp ? { misp } : {}),
  };
};

export function ImportThreats() {
  const { t } = useWords();
  const [file, setFile] = useState<File | null>(null);
  const [source, setSource] = useState('');
  const [unmarked, setUnmarked] = useState<string>('RED');
  const { going, take, cancel } = useSending(told);
  const busy = going !== null && !going.over;
  const begin = (dry: boolean): void => {
    if (!file) return;
    const { url } = requestOf({ ...exchangeApi['threats.import'], method: 'GET' }, {
      source: source.trim() || 'own', unmarked, dry: dry ? 'yes' : 'no', file: file.name,
    });
    void take({ url, file, start: { read: 0, dry, report: null, misp: null }, keeps: !dry });
  };
  return (
    <Page title={t('nav.threat-import')} description={t('import-threats.text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Section>
        <Form
          act={t('import-threats.act')} busy={busy} why={file ? null : t('ingest.why')} error={going?.error ?? null} onAct={() => begin(false)}
          aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button>
            : <Button variant="default" disabled={!file} onClick={() => begin(true)}>{t('import-threats.look')}</Button>}
        >
          <FileInput
            label={t('batch.file')} description={t('import-threats.file-how')} placeholder={t('ingest.choose')} value={file} onChange={setFile}
            leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
          />
          <TextInput
            label={t('import-threats.source')} description={t('import-threats.source-how')} value={source} maxLength={80}
            onChange={(e) => setSource(e.currentTarget.value)}
          />
          <NativeSelect
            label={t('import-threats.unmarked')} description={t('import-threats.unmarked-how')} value={unmarked}
            data={[...tlpLabels].reverse().map((l) => ({ value: l, label: `TLP:${l}` }))}
            onChange={(e) => setUnmarked(e.currentTarget.value)}
          />
        </Form>
      </Section>
      {going ? <Progressing going={going} /> : null}
    </Page>
  );
}

const meanings: Readonly<Record<Outcome, Meaning>> = { accepted: 'good', duplicate: 'none', quarantined: 'warn', refused: 'danger' };

function Progressing({ going }: { readonly going: Going }) {
  const { t, number } = useWords();
  const { report } = going;
  return (
    <Section title={going.dry ? t('import-threats.would') : t('batch.progress')}>
      <div style={{ display: 'grid', gap: 14 }} aria-live="polite">
        <Meter label={t('ingest.sent')} done={going.sent} total={going.size} />
        <Meter label={t('import-threats.read')} done={going.read} total={going.over ? going.read : null} />
      </div>
      {report ? (
        <>
          <Particulars items={outcomes.map((o) => [t(`outcome.${o}`), `${number(report.counts[o])}. ${t(`outcome.${o}-definition`)}`] as const)} />
          {report.counts.quarantined > 0 && !going.dry ? <ButtonLink to="/quarantined-threats" w="fit-content">{t('nav.set-aside')}</ButtonLink> : null}
          {report.lines.length > 0 ? (
            <RowTable
              label={t('import-threats.lines')} rows={report.lines} rowKey={(l) => `${l.place} ${l.id} ${l.text}`} tall={420}
              columns={[
                { key: 'outcome', head: t('import-threats.outcome'), cell: (l) => <Mark is={meanings[l.outcome]}>{t(`outcome.${l.outcome}`)}</Mark>,
                  sort: (l) => l.outcome },
                { key: 'place', head: t('import-threats.place'), cell: (l) => l.place },
                { key: 'text', head: t('import-threats.what'), wrap: true, cell: (l) => (l.outcome === 'quarantined' ? t(`aside.${l.text}`) : l.text) },
                {
                  key: 'id', head: t('threats.id'), spare: true, wrap: true,
                  cell: (l) => (l.id === '' ? '' : l.outcome === 'refused' || going.dry
                    ? <code>{l.id}</code> : <Link to={threatAddress(l.id)}>{l.id}</Link>),
                },
              ]}
            />
          ) : null}
          {going.misp ? <LostOfMisp misp={going.misp} /> : null}
          {report.linesLeftOff > 0 ? <p className="e-small e-faint">{t('import-threats.left-off', { count: number(report.linesLeftOff) })}</p> : null}
        </>
      ) : null}
    </Section>
  );
}

/** What of events of MISP did not fit, place by place; nothing is dropped in silence. */
function LostOfMisp({ misp }: { readonly misp: Losses }) {
  const { t, number } = useWords();
  return (
    <>
      <p>{t(misp.losses.length === 0 ? 'import-threats.misp-whole' : 'import-threats.misp-losses', {
        events: number(misp.events), count: number(misp.losses.length),
      })}</p>
      {misp.losses.length > 0 ? (
        <RowTable
          label={t('import-threats.lost')} rows={misp.losses} rowKey={(l) => `${l.path} ${l.what} ${l.why}`} tall={320}
          columns={[
            { key: 'path', head: t('import-threats.place'), wrap: true, cell: (l) => <code className="e-break">{l.path === '' ? '/' : l.path}</code> },
            { key: 'what', head: t('import-threats.what'), spare: true, wrap: true, cell: (l) => l.what },
            { key: 'why', head: t('import-threats.why-lost'), wrap: true, cell: (l) => l.why },
          ]}
        />
      ) : null}
      {misp.more ? <p className="e-small e-faint">{t('import-threats.more-lost')}</p> : null}
    </>
  );
}
