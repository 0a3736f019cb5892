/** Where the product sends: comparisons of captured traffic with what its provider declares, and the form that makes one. */
import { Button, FileInput, NativeSelect, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { requestOf, type OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Meter } from '#ui/Meter';
import { Answer, Block, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { useSending } from '#ui/sending';
import { Time } from '#ui/Time';
import { Link, useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { flowsApi } from '../api/flows.ts';
import { ComparisonNews, type Comparison } from '../model/flows.ts';

type View = OutputOf<(typeof flowsApi)['flows.list']>;

export function FlowChecks({ visit }: { readonly visit: string }) {
  const { t } = useWords();
  const reader = useReader();
  const may = reader.may('flow.list');
  const asked = useAsk(flowsApi['flows.list'], { visit }, { enabled: may });
  if (!may) return null;
  return (
    <Section title={t('flows.title')} note={t('flows.text')}>
      <Answer of={asked} skeleton={<Block height={80} />}>
        {(view) => (
          <>
            {view.items.length === 0
              ? <EmptyState title={t('flows.none')} how={t(view.declarations.length === 0 ? 'flows.no-declaration' : 'flows.none-how')} />
              : <Made items={view.items} />}
            {view.mayCompare && view.declarations.length > 0 ? <Compare visit={visit} declarations={view.declarations} /> : null}
          </>
        )}
      </Answer>
    </Section>
  );
}

function Made({ items }: Pick<View, 'items'>) {
  const { t, number } = useWords();
  return (
    <RowTable
      label={t('flows.title')} rows={items} rowKey={(c) => c.id} to={(c) => `/flow-comparisons/${c.id}`}
      columns={[
        { key: 'at', head: t('flows.made'), sort: (c) => c.at, cell: (c) => <Link to={`/flow-comparisons/${c.id}`}><Time at={c.at} /></Link> },
        { key: 'outcome', head: t('flows.outcome'), sort: (c) => c.counts.undeclared, cell: (c) => <OutcomeMark of={c} /> },
        { key: 'device', head: t('flows.machine'), wrap: true, spare: true, cell: (c) => <span className="e-mono">{c.devices.join(', ')}</span> },
        { key: 'ways', head: t('flows.ways'), right: true, spare: true, sort: (c) => c.counts.ways, cell: (c) => number(c.counts.ways) },
        { key: 'packets', head: t('flows.packets'), right: true, spare: true, sort: (c) => c.counts.packets, cell: (c) => number(c.counts.packets) },
        { key: 'by', head: t('flows.by'), wrap: true, spare: true, sort: (c) => c.byName, cell: (c) => c.byName },
      ]}
    />
  );
}

/** One mark for what matters: undeclared and open, undeclared and filed, nothing seen at all, or all declared. */
export function OutcomeMark({ of: { counts, open } }: { readonly of: Comparison }) {
  const { t, number } = useWords();
  if (counts.undeclared > 0) {
    return open > 0 ? <Mark is="danger">{t('flows.undeclared-count', { count: number(counts.undeclared) })}</Mark>
      : <Mark is="info">{t('flows.undeclared-filed', { count: number(counts.undeclared) })}</Mark>;
  }
  if (counts.ways === 0) return <Mark is="warn">{t('flows.nothing-sent')}</Mark>;
  return <Mark is="good">{t('flows.all-declared')}</Mark>;
}

interface Known { readonly read: number; readonly made: Comparison | null }
function told(line: unknown): Partial<Known> {
  const news = ComparisonNews.safeParse(line).data;
  if (news?.phase === 'reading') return { read: news.bytes };
  return news?.phase === 'done' ? { made: news.comparison } : {};
}

function Compare({ visit, declarations }: Pick<View, 'declarations'> & { readonly visit: string }) {
  const { t } = useWords();
  const go = useGo();
  const [file, setFile] = useState<File | null>(null);
  const [how, setHow] = useState({ artefact: declarations[0]?.artefact ?? '', device: '', lab: '' });
  const change = (patch: Partial<typeof how>): void => setHow((was) => ({ ...was, ...patch }));
  const { going, take, cancel } = useSending<Known>(told);
  const busy = going !== null && !going.over;
  const begin = (): void => {
    if (!file) return;
    const { url } = requestOf({ ...flowsApi['flows.compare'], method: 'GET' }, {
      visit, ...how, device: how.device.trim(), lab: how.lab.trim(), file: file.name,
    });
    void take({ url, file, start: { read: 0, made: null }, keeps: true });
  };
  const made = going?.over === true ? going.made : null;
  return (
    <>
      <h3>{t('flows.compare')}</h3>
      <Form
        act={t('flows.compare-act')} busy={busy} error={going?.error ?? null} onAct={begin}
        why={file === null ? t('flows.missing-file') : how.device.trim() === '' ? t('flows.missing-device') : null}
        aside={busy ? <Button variant="default" onClick={cancel}>{t('ui.cancel')}</Button> : null}
      >
        {declarations.length > 1 ? (
          <NativeSelect label={t('flows.declaration')} value={how.artefact} data={declarations.map((d) => ({ value: d.artefact, label: d.name }))}
            onChange={(e) => change({ artefact: e.currentTarget.value })} />
        ) : <p className="e-small">{t('flows.against')} <Link to={`/artefacts/${how.artefact}`}>{declarations[0]?.name ?? ''}</Link></p>}
        <FileInput
          label={t('flows.capture')} description={t('flows.capture-how')} placeholder={t('ingest.choose')} value={file} onChange={setFile}
          leftSection={<IconUpload size={16} aria-hidden />} clearable clearButtonProps={{ 'aria-label': t('ui.clear') }}
        />
        <TextInput label={t('flows.machine')} description={t('flows.machine-how')} placeholder="192.0.2.15" value={how.device} maxLength={1_000}
          onChange={(e) => change({ device: e.currentTarget.value })} />
        <TextInput label={t('flows.lab')} description={t('flows.lab-how')} placeholder="192.0.2.0/24" value={how.lab} maxLength={4_000}
          onChange={(e) => change({ lab: e.currentTarget.value })} />
      </Form>
      <div aria-live="polite" style={{ display: 'grid', gap: 12, marginTop: going ? 14 : 0 }}>
        {going ? <Meter label={t('ingest.sent')} done={going.sent} total={going.size} /> : null}
        {made ? (
          <p>
            <OutcomeMark of={made} />{' '}
            <Button size="compact-sm" variant="default" onClick={() => go(`/flow-comparisons/${made.id}`)}>{t('flows.open')}</Button>
          </p>
        ) : null}
      </div>
    </>
  );
}
