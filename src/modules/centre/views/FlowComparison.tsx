/** One comparison: ways that no declaration names first, each with its reason and the finding it stands in; then names, then what was seen of each flow. */
import { Checkbox, NativeSelect, Textarea } from '@mantine/core';
import { useState } from 'react';
import { severities } from '#kit/review/statement';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { HostName } from '#ui/HostName';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Block, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { flowsApi } from '../api/flows.ts';
import type { ComparedFlow, ComparisonShown, UndeclaredWay } from '../model/flows.ts';
import { OutcomeMark } from './FlowChecks.tsx';

export function FlowComparison() {
  const { t } = useWords();
  const asked = useAsk(flowsApi['flows.view'], { comparison: usePathParameter('comparison') });
  const shown = asked.data;
  return (
    <Page
      title={t('flows.title')}
      above={shown ? <Link to={`/visits/${shown.comparison.visit}`}>{`${shown.productName} ${shown.version}`}</Link>
        : <Link to="/visits">{t('nav.visits')}</Link>}
    >
      <Answer of={asked} skeleton={<Block height={400} />}>
        {(of) => (
          <>
            <About of={of} />
            <Undeclared of={of} />
            <Names of={of} />
            <Declared of={of} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function About({ of: { comparison } }: { readonly of: ComparisonShown }) {
  const { t, number } = useWords();
  const { capture, counts, declaration } = comparison;
  return (
    <Section aside={<OutcomeMark of={comparison} />}>
      <Particulars
        items={[
          [t('flows.declaration'), <Link key="declaration" to={`/artefacts/${declaration.artefact}`}>{declaration.name}</Link>],
          [t('flows.declaration-digest'), <Hash key="declared" value={declaration.sha256} keep={12} />],
          [t('flows.machine'), <span key="machine" className="e-mono">{comparison.devices.join(', ')}</span>],
          [t('flows.lab'), comparison.lab.length === 0 ? t('flows.lab-none') : <span key="lab" className="e-mono">{comparison.lab.join(', ')}</span>],
          [t('flows.capture-digest'), <Hash key="capture" value={capture.sha256} keep={12} />],
          [t('flows.read'), t('flows.read-text', { packets: number(counts.packets), bytes: number(capture.bytes) })],
          [t('flows.ways'), number(counts.ways)], [t('flows.by'), comparison.byName], [t('flows.made'), <Time key="at" at={comparison.at} />],
        ]}
      />
      <p className="e-small e-quiet">{t('flows.not-kept')}</p>
      {capture.brokenOff ? <p><Mark is="warn">{t('flows.broken-off')}</Mark></p> : null}
      {counts.unread > 0 ? <p><Mark is="warn">{t('flows.unread', { count: number(counts.unread), of: number(counts.packets) })}</Mark></p> : null}
      {counts.ways === 0 ? <p><Mark is="warn">{t('flows.nothing-sent-how')}</Mark></p> : null}
    </Section>
  );
}

const placeOf = ({ host, address }: UndeclaredWay): string => host ?? address;

function Undeclared({ of }: { readonly of: ComparisonShown }) {
  const { t, number } = useWords();
  const { comparison: { counts, id }, undeclared, flaws } = of;
  const reader = useReader();
  const openWays = undeclared.filter((w) => w.flaw === null);
  // What the reviewer took out; everything else that is open goes into the finding.
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const chosen = openWays.filter((w) => !left.has(w.way)).slice(0, 100);
  const turn = (way: number, into: boolean): void => setLeft((was) => {
    const now = new Set(was);
    if (into) now.delete(way);
    else now.add(way);
    return now;
  });
  const files = reader.may('flaw.file') && openWays.length > 0;
  return (
    <Section title={t('flows.undeclared')} note={t('flows.undeclared-text')}>
      {undeclared.length === 0 ? (
        <EmptyState title={t(counts.ways === 0 ? 'flows.nothing-sent' : 'flows.all-declared')} how={t('flows.no-undeclared-how')} />
      ) : (
        <RowTable
          label={t('flows.undeclared')} rows={undeclared} rowKey={(w) => String(w.way)} tall={620}
          columns={[
            ...files ? [{ key: 'take', head: t('flows.take'), cell: (w: UndeclaredWay) => (w.flaw === null ? (
              <Checkbox size="xs" checked={!left.has(w.way)} aria-label={t('flows.take-one', { place: placeOf(w) })}
                onChange={(e) => turn(w.way, e.currentTarget.checked)} />
            ) : '') }] : [],
            { key: 'to', head: t('flows.to'), wrap: true, sort: placeOf, cell: (w) => <Place of={w} /> },
            { key: 'why', head: t('flows.why'), wrap: true, sort: (w) => w.why, cell: (w) => (
              <>
                <Mark is={w.flaw === null ? 'danger' : 'info'}>{t(`flows.why-${w.why}`)}</Mark>
                {w.flaw === null ? null : <div className="e-small"><InFinding flaw={flaws.find((f) => f.id === w.flaw)} /></div>}
              </>
            ) },
            { key: 'packets', head: t('flows.packets'), right: true, spare: true, sort: (w) => w.packets, cell: (w) => number(w.packets) },
            { key: 'bytes', head: t('flows.bytes'), right: true, spare: true, sort: (w) => w.bytes, cell: (w) => number(w.bytes) },
            { key: 'first', head: t('flows.first'), spare: true, sort: (w) => w.firstAt ?? '',
              cell: (w) => (w.firstAt === null ? t('flows.no-hour') : <Time at={w.firstAt} />) },
          ]}
        />
      )}
      {counts.undeclared > undeclared.length
        ? <p className="e-small e-faint">{t('flows.more', { count: number(undeclared.length), of: number(counts.undeclared) })}</p> : null}
      {files ? <FileFinding key={openWays.length} comparison={id} ways={chosen.map((w) => w.way)} /> : null}
    </Section>
  );
}

function Place({ of: { host, address, toldBy, transport, port } }: { readonly of: UndeclaredWay }) {
  const { t } = useWords();
  const way = `${t(`flows.transport-${transport}`)} ${port ?? ''}`.trim();
  return (
    <>
      <div><HostName name={host ?? address} /></div>
      <div className="e-small e-faint">{way} · {host === null ? t('flows.told-nothing') : t(`flows.told-${toldBy ?? 'dns'}`, { address })}</div>
    </>
  );
}

function InFinding({ flaw }: { readonly flaw: ComparisonShown['flaws'][number] | undefined }) {
  const { t } = useWords();
  return flaw ? <Link to={`/flaws?flaw=${flaw.id}`}>{t('flows.in-finding', { state: t(`centre.flaw.${flaw.state}`) })}</Link> : null;
}

function FileFinding({ comparison, ways }: { readonly comparison: string; readonly ways: readonly number[] }) {
  const { t, number } = useWords();
  const [severity, setSeverity] = useState<(typeof severities)[number]>('medium');
  const [remark, setRemark] = useState('');
  const file = useAct(flowsApi['flows.file']);
  return (
    <Form
      act={ways.length === 0 ? t('centre.flaw-commit') : t('flows.file', { count: number(ways.length) })}
      busy={file.isPending} error={file.error} why={ways.length === 0 ? t('flows.none-chosen') : null}
      onAct={() => file.mutate({ comparison, ways: [...ways], severity, remark: remark.trim() })}
    >
      <p className="e-small e-quiet">{t('flows.file-how')}</p>
      <NativeSelect
        label={t('centre.severity')} value={severity} data={severities.map((s) => ({ value: s, label: t(`centre.severity.${s}`) }))}
        onChange={(e) => setSeverity(severities.find((s) => s === e.currentTarget.value) ?? 'medium')}
      />
      <Textarea label={t('flows.remark')} description={t('flows.remark-how')} value={remark} autosize minRows={2} maxLength={5_000}
        onChange={(e) => setRemark(e.currentTarget.value)} />
    </Form>
  );
}

function Names({ of: { comparison: { counts }, lookedUp } }: { readonly of: ComparisonShown }) {
  const { t, number } = useWords();
  if (lookedUp.length === 0) return null;
  return (
    <Section title={t('flows.names')} note={t('flows.names-text')}>
      <RowTable
        label={t('flows.names')} rows={lookedUp} rowKey={(n) => n.host} tall={420}
        columns={[
          { key: 'host', head: t('flows.name'), wrap: true, sort: (n) => n.host, cell: (n) => <HostName name={n.host} /> },
          { key: 'times', head: t('flows.times'), right: true, sort: (n) => n.times, cell: (n) => number(n.times) },
        ]}
      />
      {counts.lookedUp > lookedUp.length
        ? <p className="e-small e-faint">{t('flows.more', { count: number(lookedUp.length), of: number(counts.lookedUp) })}</p> : null}
    </Section>
  );
}

function Declared({ of: { comparison: { counts }, flows } }: { readonly of: ComparisonShown }) {
  const { t, number } = useWords();
  const [seen, unseen] = [flows.filter((f) => f.ways > 0), flows.filter((f) => f.ways === 0)];
  const columns = [
    { key: 'to', head: t('flows.to'), wrap: true, sort: (f: ComparedFlow) => f.to[0] ?? '', cell: (f: ComparedFlow) => <Destinations of={f} /> },
    { key: 'purpose', head: t('flows.purpose'), wrap: true, sort: (f: ComparedFlow) => f.purpose, cell: (f: ComparedFlow) => f.purpose },
    { key: 'when', head: t('catalogue.flow-when'), spare: true, sort: (f: ComparedFlow) => f.when,
      cell: (f: ComparedFlow) => <Tag>{t(`catalogue.flow-when-${f.when}`)}</Tag> },
  ];
  return (
    <>
      <Section title={t('flows.seen')} note={t('flows.seen-text')}>
        {seen.length === 0 ? <EmptyState title={t('flows.none-seen')} how={t('flows.none-seen-how')} /> : (
          <RowTable
            label={t('flows.seen')} rows={seen} rowKey={(f) => String(f.flow)} tall={420}
            columns={[
              ...columns, { key: 'ways', head: t('flows.ways'), right: true, spare: true, sort: (f) => f.ways, cell: (f) => number(f.ways) },
              { key: 'packets', head: t('flows.packets'), right: true, sort: (f) => f.packets, cell: (f) => number(f.packets) },
              { key: 'bytes', head: t('flows.bytes'), right: true, sort: (f) => f.bytes, cell: (f) => number(f.bytes) },
            ]}
          />
        )}
      </Section>
      {unseen.length === 0 ? null : (
        <Section title={t('flows.unseen', { count: number(counts.unseen) })} note={t('flows.unseen-text')}>
          <RowTable label={t('flows.unseen', { count: number(counts.unseen) })} rows={unseen} rowKey={(f) => String(f.flow)} tall={420} columns={columns} />
        </Section>
      )}
    </>
  );
}

function Destinations({ of: { to, more } }: { readonly of: ComparedFlow }) {
  const { t, number } = useWords();
  return (
    <>
      {to.map((place) => <div key={place}><HostName name={place} /></div>)}
      {more > 0 ? <span className="e-small e-faint">{t('catalogue.flow-to-more', { count: number(more) })}</span> : null}
    </>
  );
}
